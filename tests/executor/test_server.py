import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from rltf_executor.schema import ExecutionResult, Submission
from rltf_executor.server import DrainingServer, bind
from rltf_executor.settings import Settings, SettingsError


@pytest.fixture
def serving(make_app: Callable[..., Any]) -> Callable[..., Any]:
    """Serves on a free port of loopback; gives server, client, and the task that ends with it."""

    @asynccontextmanager
    async def started(
        drain_s: float = 5.0,
    ) -> AsyncIterator[tuple[DrainingServer, httpx.AsyncClient, asyncio.Task[None]]]:
        app = make_app()
        listener = bind(Settings(server={"port": 0}))
        config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2)
        server = DrainingServer(config, app, drain_s)
        task = asyncio.create_task(server._serve([listener]))  # no signal handlers in a test
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, timeout=10) as client:
            async with asyncio.timeout(10):
                while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                    await asyncio.sleep(0.01)
                yield server, client, task
            server.should_exit = True
            await task

    return started


async def test_a_stop_lets_what_runs_finish_and_sends_the_rest_away(
    serving: Callable[..., Any], judge: Any, pool: Any
):
    gate = asyncio.Event()

    async def wait(submission: Submission) -> ExecutionResult:
        await gate.wait()
        return judge.result(submission)

    judge.answer = wait
    async with serving() as (server, client, task):
        running = asyncio.create_task(client.post("/execute", json={"source": ""}))
        await judge.any_started.wait()
        server.handle_exit(signal.SIGTERM, None)
        await asyncio.sleep(0)
        refused = await client.post("/execute", json={"source": ""})
        ready = await client.get("/readyz")
        alive = await client.get("/healthz")
        gate.set()
        finished = await running
        await task

    assert (refused.status_code, ready.status_code, alive.status_code) == (503, 503, 200)
    assert "retry-after" in refused.headers
    assert refused.json()["type"] == "urn:rltf:problem:shutting-down"
    assert finished.json()["verdict"] == "passed"
    assert pool.num_closed == 1


async def test_a_stop_cuts_off_what_does_not_finish_in_time(
    serving: Callable[..., Any], judge: Any, pool: Any
):
    async def forever(_submission: Submission) -> Any:
        await asyncio.Event().wait()

    judge.answer = forever
    async with serving(drain_s=0.05) as (server, client, task):
        running = asyncio.create_task(client.post("/execute", json={"source": ""}))
        await judge.any_started.wait()
        server.handle_exit(signal.SIGTERM, None)
        cut_off = await running
        await task

    assert cut_off.status_code == 503
    assert judge.num_now == 0
    assert pool.num_closed == 1


async def test_a_second_signal_ends_the_wait(serving: Callable[..., Any], judge: Any):
    async def forever(_submission: Submission) -> Any:
        await asyncio.Event().wait()

    judge.answer = forever
    async with serving(drain_s=3600) as (server, client, task):
        running = asyncio.create_task(client.post("/execute", json={"source": ""}))
        await judge.any_started.wait()
        server.handle_exit(signal.SIGINT, None)
        await asyncio.sleep(0.01)
        server.handle_exit(signal.SIGINT, None)
        await task
        await asyncio.gather(running, return_exceptions=True)

    assert judge.num_now == 0


async def test_an_idle_service_stops_at_once(serving: Callable[..., Any], pool: Any):
    async with serving(drain_s=3600) as (server, client, task):
        await client.get("/healthz")
        server.handle_exit(signal.SIGTERM, None)
        async with asyncio.timeout(5):
            await task

    assert pool.num_closed == 1


def test_a_port_that_is_taken_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            SettingsError, match=rf"EXECUTOR_SERVER__PORT.*127\.0\.0\.1:{port}.*in use"
        ):
            bind(Settings(server={"port": port}))


@pytest.mark.parametrize("host", ["256.1.1.1", "no.such.host.invalid", "203.0.113.7"])
def test_an_address_that_is_not_ours_is_named(host: str):
    with pytest.raises(SettingsError, match=r"EXECUTOR_SERVER__HOST.*cannot listen on"):
        bind(Settings(server={"host": host}))
