"""The service without sandboxes: a pool that lends none, and a judge that does as a test asks."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from rltf_executor.app import create_app
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


@dataclass(frozen=True)
class ScriptedStatus:
    ready: int = 2
    leased: int = 0
    size: int = 2
    reason: str | None = None
    recycles: dict[str, int] = field(default_factory=dict)


class ScriptedPool:
    """Its status is what a test sets."""

    def __init__(self) -> None:
        self.now = ScriptedStatus()
        self.isolation = Isolation(backend="scripted", runtime="none", level="none")
        self.runtime = Runtime(language="python", version="3.13.1")
        self.image_id = "sha256:0"
        self.num_closed = 0

    def set(self, **status: Any) -> None:
        self.now = ScriptedStatus(**status)

    def status(self) -> ScriptedStatus:
        return self.now

    def lease(self, **_: Any) -> Any:
        raise AssertionError("nothing here leases")

    async def close(self, grace_s: float) -> None:
        self.num_closed += 1


class ScriptedJudge:
    """Passes every program, or does what ``answer`` does; says how many it held at a time."""

    def __init__(self) -> None:
        self.answer: Callable[[Submission], Awaitable[ExecutionResult]] | None = None
        self.started: list[str | None] = []
        self.num_now = 0
        self.num_most = 0
        self.num_cancelled = 0
        self.any_started = asyncio.Event()

    async def judge(
        self, submission: Submission, *, queued_at: float | None = None
    ) -> ExecutionResult:
        self.started.append(submission.id)
        self.any_started.set()
        self.num_now += 1
        self.num_most = max(self.num_most, self.num_now)
        try:
            return await self.answer(submission) if self.answer else self.result(submission)
        except asyncio.CancelledError:
            self.num_cancelled += 1
            raise
        finally:
            self.num_now -= 1

    @staticmethod
    def result(
        submission: Submission, verdict: Verdict = Verdict.PASSED, **fields: Any
    ) -> ExecutionResult:
        return ExecutionResult(
            id=submission.id,
            verdict=verdict,
            passed=int(verdict is Verdict.PASSED),
            total=1,
            tests=[TestResult(index=0, verdict=verdict, **fields)],
            timing=Timing(queue_ms=0.5, run_ms=2.0, total_ms=3.0),
            isolation=Isolation(backend="scripted", runtime="none", level="none"),
        )


@pytest.fixture
def pool() -> ScriptedPool:
    return ScriptedPool()


@pytest.fixture
def judge() -> ScriptedJudge:
    return ScriptedJudge()


@pytest.fixture
def make_app(pool: ScriptedPool, judge: ScriptedJudge) -> Callable[..., FastAPI]:
    """Makes the service with these options."""

    async def open_pool(_settings: Settings) -> ScriptedPool:
        return pool

    def make(**options: Any) -> FastAPI:
        return create_app(
            Settings(**options), open_pool=open_pool, make_judge=lambda _pool, _cache: judge
        )

    return make


@pytest.fixture
def start(make_app: Callable[..., FastAPI]) -> Callable[..., Any]:
    """Starts the service in memory and gives a plain HTTP client of it."""

    @asynccontextmanager
    async def started(**options: Any) -> AsyncIterator[httpx.AsyncClient]:
        app = make_app(**options)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://executor.test"
            ) as client,
        ):
            yield client

    return started


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No ``EXECUTOR_*`` variable is set but those a test sets."""
    for name in list(os.environ):
        if name.upper().startswith("EXECUTOR_"):
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.fixture
def in_thread() -> Callable[..., Any]:
    """Calls what runs an event loop of its own, away from the loop of the tests."""

    def call(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        with ThreadPoolExecutor(max_workers=1) as executor:
            return executor.submit(function, *arguments, **options).result(timeout=60)

    return call
