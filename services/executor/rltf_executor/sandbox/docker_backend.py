"""Sandboxes as hardened containers of a Docker engine, each reached by attached stdin and stdout.

A container's stdin closes when the service dies, and its runner ends with it; the engine then
removes the container. What a crash leaves all the same is found by label at the next start.
"""

import asyncio
import contextlib
import itertools
import json
import logging
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import docker
import docker.errors
import requests
from docker.types import LogConfig

from rltf_executor.errors import RunnerMismatchError, SandboxUnavailableError
from rltf_executor.sandbox.channel import Channel
from rltf_executor.sandbox.docker_image import ensure_image, rebuild_image
from rltf_executor.sandbox.engine_watch import EngineWatch
from rltf_executor.sandbox.options import (
    SandboxOptions,
    deploy_file,
    runner_command,
    runner_environment,
)
from rltf_executor.sandbox.ownership import LABEL, OWNER_LABEL, is_dead, own_name
from rltf_executor.sandbox.session import WarmSandbox

logger = logging.getLogger(__name__)

_RUNNER_MB: Final = 48  # what the runner and the waiting child hold beside the program
_SYSCTLS: Final = {
    "net.ipv4.tcp_max_tw_buckets": "0",  # a port the last program used is free again at once
    # What waits in a connection is not counted as memory of the container by cgroup v1.
    "net.ipv4.tcp_rmem": "4096 131072 262144",
    "net.ipv4.tcp_wmem": "4096 16384 262144",
}
# The kernel bounds some things by user (pipes, signals, inotify): every container has a user of its
# own. Below 65536, where user namespaces of an engine end; above what the level "uid" hands out.
_FIRST_UID: Final = 40_000
_UIDS: Final = 20_000
_START_TIMEOUT_S: Final = 60.0
_USUAL_SOCKET: Final = "unix:///var/run/docker.sock"
_API_TIMEOUT_S: Final = 30
_IDLE_CONNECTIONS: Final = 8  # one for every address last used, which holds a container's id
_PATIENCE_S: Final = 10.0  # an engine that hangs must not hold up a replacement or a stop for long
Result = TypeVar("Result")
_FAILURES = (docker.errors.DockerException, requests.exceptions.RequestException, OSError)


class DockerBackend:
    """Makes and removes containers. Calls to the engine run on threads of its own."""

    name = "docker"

    def __init__(self, options: SandboxOptions) -> None:
        """Prepare a backend; nothing is contacted yet."""
        self._options = options
        self._owner = own_name()
        self._numbers = itertools.count(1)
        self._uids = itertools.count(secrets.randbelow(_UIDS))
        self._threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="docker")
        self._client: docker.DockerClient | None = None
        self._attached: dict[str, Any] = {}
        self._starting: set[asyncio.Future[str]] = set()
        self._watch: EngineWatch | None = None
        self.image_id = ""
        self._rebuilding = asyncio.Lock()
        self._rebuilt = False

    async def start(self) -> None:
        """Connect, remove orphans, and make sure of the image.

        Raises:
            SandboxUnavailableError: The engine does not answer, or the image can be neither found
                nor built.
        """
        await self._call(self._connect)
        await self._call(self._remove_orphans)
        self.image_id = await self._call(lambda: ensure_image(self._engine, self._options.image))

    async def create(self, level: str) -> WarmSandbox:
        """Start a container at an isolation level and wait for its runner.

        Raises:
            SandboxUnavailableError: It did not start, or its runner refused the level.
        """
        try:
            return await self._create(level)
        except RunnerMismatchError as error:
            mismatch = str(error)
            async with self._rebuilding:
                if not self._rebuilt:
                    image = self._options.image
                    self.image_id = await self._call(
                        lambda: rebuild_image(self._engine, image, mismatch)
                    )
                    self._rebuilt = True
            return await self._create(level)

    async def _create(self, level: str) -> WarmSandbox:
        name = f"rltf-{self._owner.rsplit(':', 1)[1]}-{next(self._numbers)}"
        # Shielded: the engine cannot be told to stop halfway, and close() must know what it made.
        starting = asyncio.ensure_future(self._call(lambda: self._start_container(name, level)))
        self._starting.add(starting)
        starting.add_done_callback(self._starting.discard)
        container_id = await asyncio.shield(starting)
        started_at = time.monotonic()
        channel = Channel(multiplexed=True)
        sandbox = WarmSandbox(
            name,
            channel,
            lambda: self._remove(container_id),
            self._memory_setter(container_id),
            lambda: self._was_interfered(container_id, started_at),
        )
        sandbox.memory_mb = self._options.max_memory_mb
        try:
            await self._connect_to(container_id, channel)
            await sandbox.greet(_START_TIMEOUT_S, backend=self.name, runtime=self._options.runtime)
        except BaseException as error:
            await sandbox.close()
            if isinstance(error, OSError):
                raise SandboxUnavailableError(f"sandbox {name} did not start: {error}") from error
            raise
        return sandbox

    async def _connect_to(self, container_id: str, channel: Channel) -> None:
        stream = self._attached[container_id]
        raw = getattr(stream, "_sock", stream).dup()
        raw.setblocking(False)
        loop = asyncio.get_running_loop()
        if raw.family == socket.AF_UNIX:
            await loop.create_unix_connection(lambda: channel, sock=raw)
        else:
            await loop.create_connection(lambda: channel, sock=raw)

    def _memory_setter(self, container_id: str) -> Callable[[int], Awaitable[None]] | None:
        if self._has_fixed_limit:
            return None
        return lambda memory_mb: self._call(lambda: self._set_memory(container_id, memory_mb))

    @property
    def _has_fixed_limit(self) -> bool:
        """Whether the runtime cannot change a container's memory limit: gVisor cannot."""
        return self._options.runtime.startswith("runsc")

    async def _was_interfered(self, container_id: str, started_at: float) -> bool:
        return self._watch is None or await self._watch.was_interfered(container_id, started_at)

    async def close(self) -> None:
        """Remove whatever is left of ours."""
        if self._starting:
            await asyncio.wait(self._starting, timeout=_PATIENCE_S)
        if self._watch is not None:  # once the engine has answered
            await self._patiently(
                lambda: self._remove_all(lambda labels: labels.get(OWNER_LABEL) == self._owner)
            )
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._watch is not None:
            self._watch.stop()
        if self._client is not None:
            self._client.close()

    async def _call(self, function: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    def _connect(self) -> None:
        host = self._options.docker_host or os.environ.get("DOCKER_HOST")
        try:
            _knock(host or _USUAL_SOCKET)
            self._client = docker.DockerClient(
                base_url=host, timeout=_API_TIMEOUT_S, max_pool_size=32, num_pools=_IDLE_CONNECTIONS
            )
            self._client.ping()
        except _FAILURES as error:
            raise SandboxUnavailableError(
                f"no Docker engine answers at {host or 'the usual socket'}: {error}; start one, "
                "set sandbox.docker_host, or choose --sandbox local"
            ) from error
        api, filters = self._client.api, {"type": "container", "label": LABEL}
        self._watch = EngineWatch(lambda: api.events(filters=filters, decode=True))
        self._watch.start()

    @property
    def _engine(self) -> docker.DockerClient:
        if self._client is None:
            raise SandboxUnavailableError("the Docker backend is not started")
        return self._client

    def _start_container(self, name: str, level: str) -> str:
        """Create, attach and start a container; gives its id."""
        api = self._engine.api
        container_id = ""
        try:
            container_id = self._create_container(name, level)
            # The response object owns the connection: it must live as long as the container.
            self._attached[container_id] = api.attach_socket(
                container_id, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1, "logs": 0}
            )
            api.start(container_id)
        except _FAILURES as error:
            if container_id:  # one that never started is not removed by the engine
                self._remove_now(container_id)
            raise SandboxUnavailableError(
                f"sandbox container {name} could not be started: {error}"
            ) from error
        return container_id

    def _create_container(self, name: str, level: str) -> str:
        """Create a container from the very image that was found at the start.

        Its name may have been given to another image since, by another version of the service.
        """
        create = self._engine.api.create_container
        try:
            return str(create(**self._container_options(name, level))["Id"])
        except docker.errors.ImageNotFound:  # pruned meanwhile
            self.image_id = ensure_image(self._engine, self._options.image)
            return str(create(**self._container_options(name, level))["Id"])

    def _container_options(self, name: str, level: str) -> dict[str, Any]:
        options = self._options
        rooted = level == "uid"
        uid = _FIRST_UID + next(self._uids) % _UIDS
        memory = (options.max_memory_mb + _RUNNER_MB) * 1024 * 1024
        profile = (options.seccomp_profile or deploy_file("seccomp.json")).read_text()
        host_config = self._engine.api.create_host_config(
            network_mode="none",
            read_only=True,
            cap_drop=["ALL"],
            cap_add=["SETUID", "SETGID", "KILL"] if rooted else [],
            security_opt=["no-new-privileges", f"seccomp={json.dumps(json.loads(profile))}"],
            pids_limit=320,
            mem_limit=memory,
            memswap_limit=memory,
            nano_cpus=int(options.cpus * 1e9),
            tmpfs={"/tmp": f"rw,nosuid,nodev,size={options.tmpfs_mb}m,mode=1777,nr_inodes=16384"},
            shm_size=f"{options.tmpfs_mb}m",
            log_config=LogConfig(type="none"),
            runtime=options.runtime if options.runtime != "runc" else None,
            sysctls=_SYSCTLS if options.runtime == "runc" else None,
            auto_remove=True,
        )
        runner_options = {
            "tmpfs_mb": options.tmpfs_mb,
            "fixed_limit": self._has_fixed_limit,
        }
        return {
            "image": self.image_id,
            "name": name,
            "entrypoint": ["python3"],
            "command": runner_command("/opt/rltf", level, self.name, runner_options),
            "user": "0:0" if rooted else f"{uid}:{uid}",
            "environment": runner_environment(),
            "stdin_open": True,  # with detach=False the engine closes it when the service goes away
            "tty": False,
            "detach": False,
            "labels": {LABEL: "1", OWNER_LABEL: self._owner},
            "hostname": "sandbox",
            "host_config": host_config,
        }

    def _set_memory(self, container_id: str, memory_mb: int) -> None:
        memory = (memory_mb + _RUNNER_MB) * 1024 * 1024
        try:
            self._engine.api.update_container(container_id, mem_limit=memory, memswap_limit=memory)
        except _FAILURES as error:
            raise SandboxUnavailableError(
                f"memory limit of a sandbox could not be set: {error}"
            ) from error

    async def _remove(self, container_id: str) -> None:
        await self._patiently(lambda: self._remove_now(container_id))

    async def _patiently(self, removal: Callable[[], None]) -> None:
        """Give a removal some time. A runner whose stdin has closed ends by itself anyway."""
        removing = asyncio.ensure_future(self._call(removal))
        done, _ = await asyncio.wait([removing], timeout=_PATIENCE_S)
        if done:
            removing.result()
        else:
            logger.warning("the engine is slow to remove containers")

    def _remove_now(self, container_id: str) -> None:
        stream = self._attached.pop(container_id, None)
        if stream is not None:
            _hang_up(stream)
        try:
            self._engine.api.remove_container(container_id, force=True, v=True)
        except docker.errors.NotFound:
            return
        except docker.errors.APIError as error:
            if error.status_code != 409:  # the engine is removing it already
                logger.warning(
                    "container not removed", extra={"container": container_id, "reason": str(error)}
                )
        except _FAILURES as error:
            logger.warning(
                "container not removed", extra={"container": container_id, "reason": str(error)}
            )

    def _remove_orphans(self) -> None:
        """Remove containers whose service is dead.

        One that may live on another host is left alone.
        """
        self._remove_all(lambda labels: is_dead(labels.get(OWNER_LABEL, "")))

    def _remove_all(self, ours: Callable[[dict[str, str]], bool]) -> None:
        try:
            found = self._engine.api.containers(all=True, filters={"label": LABEL})
        except _FAILURES as error:
            logger.warning("containers could not be listed", extra={"reason": str(error)})
            return
        for container in found:
            if ours(container.get("Labels") or {}) or container.get("State") in ("exited", "dead"):
                self._remove_now(str(container["Id"]))


def _knock(host: str) -> None:
    """Raise OSError if nobody listens at a Unix socket; the SDK would leave its own one open."""
    scheme, _, path = host.partition("://")
    if scheme == "unix":
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_API_TIMEOUT_S)
            probe.connect(path)


def _hang_up(stream: Any) -> None:
    """Close an attached connection: the response, its file, and the socket below them."""
    for part in (getattr(stream, "_response", None), getattr(stream, "_sock", None), stream):
        if part is not None:
            with contextlib.suppress(*_FAILURES, ValueError):
                part.close()
