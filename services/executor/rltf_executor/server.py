"""Runs the service as a process: socket, pool, web server, and a stop that loses no work."""

import asyncio
import logging
import resource
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from rltf_executor import sandbox
from rltf_executor.app import create_app
from rltf_executor.service import Pool, Service
from rltf_executor.settings import Settings, SettingsError, env_name

logger = logging.getLogger(__name__)

_STALLED_CLIENT_MS: Final = 60_000
_BACKLOG: Final = 2048
_KEEP_ALIVE_S: Final = 75
"""Longer than clients keep idle connections, so that none sends into one that is being closed."""
_LAST_ANSWERS_S: Final = 5
"""Time the last answers get to leave once no submission runs any more."""


def bind(settings: Settings) -> socket.socket:
    """Gives a socket bound to the address to listen on.

    Raises:
        SettingsError: The address is taken or is not ours.
    """
    host, port = settings.server.host, settings.server.port
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise SettingsError([_cannot_listen(host, port, error)]) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # Accepted connections inherit it: one that never reads its answer is closed.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STALLED_CLIENT_MS)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise SettingsError([_cannot_listen(host, port, error)]) from None
    return listener


def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT; returns when all is closed.

    Raises:
        SettingsError: The address cannot be listened on.
        SandboxUnavailableError: This host has no sandbox of the kind asked for.
    """
    listener = bind(settings)
    _raise_descriptor_limit()
    try:
        config = _server_config(None, settings)
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_serve(settings, listener))
    finally:
        listener.close()


async def _serve(settings: Settings, listener: socket.socket) -> None:
    pool = await _open_or_stop(settings)
    if pool is None:
        logger.info("stopped before the sandboxes were ready")
        return
    app = create_app(settings, open_pool=_already_open(pool))
    server = DrainingServer(_server_config(app, settings), app, settings.server.drain_s)
    host, port = listener.getsockname()[:2]
    logger.info(
        "serving",
        extra={
            "url": f"http://{_bracketed(host)}:{port}",
            "isolation": pool.isolation.model_dump(),
        },
    )
    await server.serve(sockets=[listener])
    logger.info("stopped")


async def _open_or_stop(settings: Settings) -> Pool | None:
    """Opens the pool; a signal meanwhile undoes what was opened and gives None."""
    opening = asyncio.ensure_future(sandbox.open_pool(settings))
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, opening.cancel)
    try:
        return await opening
    except asyncio.CancelledError:
        return None
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def _already_open(pool: Pool) -> Callable[[Settings], Awaitable[Pool]]:
    async def open_pool(_settings: Settings) -> Pool:
        return pool

    return open_pool


def _server_config(app: FastAPI | None, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app or (lambda: None),
        log_config=None,
        access_log=settings.server.access_log,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_LAST_ANSWERS_S,
    )


class DrainingServer(uvicorn.Server):
    """A server that, told to stop, lets what it admitted finish; others get 503 meanwhile."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, drain_s: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain_s = drain_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._draining: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's; remembers the loop for signals."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Starts the drain; a second signal ends it."""
        # Kept from uvicorn, which would end the process by this signal once all is closed.
        if self._loop is None:
            self.should_exit = True
        else:
            self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain())
        else:
            self._draining.cancel()
            self.should_exit = True

    async def _drain(self) -> None:
        service: Service | None = getattr(self._app.state, "service", None)
        try:
            if service is None:
                return
            service.admission.drain()
            logger.info("draining", extra={"num_submissions": service.admission.num_admitted})
            with suppress(TimeoutError):
                await asyncio.wait_for(service.admission.drained(), self._drain_s)
            if service.admission.num_admitted:
                logger.warning(
                    "submissions cut off", extra={"num_submissions": service.admission.num_admitted}
                )
                service.dispatcher.abort()
        finally:
            self.should_exit = True


def _raise_descriptor_limit() -> None:
    """Every connection and every sandbox takes descriptors; the usual 1,024 are few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    names = f"server.host, server.port ({env_name('server.host')}, {env_name('server.port')})"
    return f"{names}: cannot listen on {host}:{port}: {error.strerror or error}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
