"""The service in memory: real routes, real client, and a judge that does as a test asks."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from rltf_executor.app import create_app
from rltf_executor.client import AsyncExecutorClient, RetryPolicy
from rltf_executor.schema import (
    ExecutionResult,
    Isolation,
    Runtime,
    Submission,
    TestResult,
    Timing,
    Verdict,
)
from rltf_executor.settings import Settings

ISOLATION = Isolation(backend="fake", runtime="none", level="none")


@dataclass(frozen=True)
class FakeStatus:
    ready: int = 2
    leased: int = 0
    size: int = 2
    reason: str | None = None
    recycles: dict[str, int] = field(default_factory=dict)


class FakePool:
    """Sandboxes that nobody leases."""

    def __init__(self) -> None:
        self.current = FakeStatus()
        self.isolation = ISOLATION
        self.runtime = Runtime(language="python", version="3.13.1", packages={"numpy": "2.2"})

    def status(self) -> FakeStatus:
        return self.current

    def lease(self, **_: Any) -> Any:
        raise AssertionError("the fake judge needs no sandbox")

    async def close(self, grace_s: float) -> None:
        pass


class FakeJudge:
    """Passes every program; ``answer`` may be replaced. Keeps what it was given."""

    def __init__(self) -> None:
        self.submissions: list[Submission] = []
        self.answer: Callable[[Submission], Awaitable[ExecutionResult]] | None = None

    async def judge(
        self, submission: Submission, *, queued_at: float | None = None
    ) -> ExecutionResult:
        self.submissions.append(submission)
        return await self.answer(submission) if self.answer else self.result(submission)

    @staticmethod
    def result(
        submission: Submission, verdict: Verdict = Verdict.PASSED, **fields: Any
    ) -> ExecutionResult:
        test = TestResult(index=0, verdict=verdict, **fields)
        return ExecutionResult(
            id=submission.id,
            verdict=verdict,
            passed=int(verdict is Verdict.PASSED),
            total=1,
            tests=[test],
            error=test.error,
            timing=Timing(queue_ms=0.1, run_ms=1.5, total_ms=1.75),
            isolation=ISOLATION,
        )


@pytest.fixture
def pool() -> FakePool:
    return FakePool()


@pytest.fixture
def judge() -> FakeJudge:
    return FakeJudge()


@pytest.fixture
def make_app(pool: FakePool, judge: FakeJudge) -> Callable[..., FastAPI]:
    """Makes the service with these options."""

    async def open_pool(_settings: Settings) -> FakePool:
        return pool

    def make(**options: Any) -> FastAPI:
        return create_app(
            Settings(**options), open_pool=open_pool, make_judge=lambda _pool, _cache: judge
        )

    return make


@pytest.fixture
def serve(make_app: Callable[..., FastAPI]) -> Callable[..., Any]:
    """Starts the service in memory and gives a client of it."""

    @asynccontextmanager
    async def start(
        client_options: dict[str, Any] | None = None, **options: Any
    ) -> AsyncIterator[AsyncExecutorClient]:
        app = make_app(**options)
        retry = RetryPolicy(max_failures=3, backoff_s=0.001, max_backoff_s=0.002)
        async with (
            app.router.lifespan_context(app),
            AsyncExecutorClient(
                "http://executor.test",
                transport=httpx.ASGITransport(app),
                **{"retry": retry, **(client_options or {})},
            ) as client,
        ):
            yield client

    return start


@pytest.fixture
def listen(make_app: Callable[..., Any]) -> Callable[..., Any]:
    """Starts the service on a free loopback port and gives its URL."""

    @asynccontextmanager
    async def start() -> AsyncIterator[str]:
        config = uvicorn.Config(make_app(), log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            running = asyncio.create_task(server.serve([listener]))
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                server.should_exit = True
                await running

    return start
