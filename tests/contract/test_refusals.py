"""What the service refuses, and what the client makes of it."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rltf_executor.client import (
    AuthenticationError,
    ExecutorRefusedError,
    ExecutorUnavailableError,
    RetryPolicy,
)
from rltf_executor.errors import PoolTimeoutError, SandboxLostError
from rltf_executor.schema import ExecutionResult, Limits, RefusedItem, Submission, Verdict
from rltf_executor.version import WIRE_VERSION

Serve = Callable[..., Any]
TOO_MUCH_MEMORY = Submission(id="big", source="", limits=Limits(memory_mb=2048))
TOKEN = {"token": "right"}
SMALL_SERVICE = {"sandbox": {"memory_mb": 1024}}


async def test_a_submission_out_of_bounds_is_refused_by_field_value_and_bound(serve: Serve):
    async with serve(**SMALL_SERVICE) as client:
        with pytest.raises(
            ExecutorRefusedError, match=r"limits\.memory_mb: 2048 is not in 16\.\.1024"
        ) as caught:
            await client.execute(TOO_MUCH_MEMORY)

    assert caught.value.problem.status == 422
    assert caught.value.problem.errors[0]["field"] == "limits.memory_mb"


async def test_one_out_of_bounds_costs_a_batch_nothing_else(serve: Serve):
    async with serve(**SMALL_SERVICE) as client:
        first, refused, last = await client.execute_batch(
            [Submission(source=""), TOO_MUCH_MEMORY, Submission(source="")]
        )

    assert first.verdict == last.verdict == "passed"
    assert isinstance(refused, RefusedItem)
    assert refused.id == "big"
    assert "2048 is not in 16..1024" in refused.problem.detail


async def test_a_body_too_large_is_sent_in_parts_and_only_what_fits_nowhere_is_refused(
    serve: Serve,
):
    submissions = [Submission(id=str(number), source="x" * 200_000) for number in range(10)]
    submissions[4] = Submission(id="4", source="x" * 1_100_000)
    async with serve(server={"max_body_mb": 1}) as client:
        results = await client.execute_batch(submissions)
        with pytest.raises(ExecutorRefusedError, match="413"):
            await client.execute(submissions[4])

    assert [result.id for result in results] == [str(number) for number in range(10)]
    assert [isinstance(result, RefusedItem) for result in results] == [n == 4 for n in range(10)]


@pytest.mark.parametrize("token", [None, "wrong"])
async def test_without_the_token_there_is_no_verdict(token: str | None, serve: Serve, judge: Any):
    async with serve({"token": token}, **TOKEN) as client:
        with pytest.raises(AuthenticationError):
            await client.execute(Submission(source=""))
        with pytest.raises(AuthenticationError):
            await client.execute_batch([Submission(source="")])
        assert [probe.ok for probe in await client.healthz() + await client.readyz()] == [True] * 2

    assert judge.submissions == []


async def test_with_the_token_there_is(serve: Serve):
    async with serve(TOKEN, **TOKEN) as client:
        assert (await client.execute(Submission(source=""))).verdict == "passed"


async def test_a_full_queue_delays_submissions_and_loses_none(serve: Serve, judge: Any):
    async def slowly(submission: Submission) -> ExecutionResult:
        await asyncio.sleep(0.002)
        return judge.result(submission)

    judge.answer = slowly
    retry = RetryPolicy(backoff_s=0.01)
    async with serve({"batch_size": 4, "retry": retry}, queue={"max_submissions": 3}) as client:
        results = await client.execute_batch(
            [Submission(id=str(number), source="") for number in range(8)]
        )

    assert [result.id for result in results] == [str(number) for number in range(8)]


async def test_no_free_sandbox_is_waited_out(serve: Serve, judge: Any):
    faults = [PoolTimeoutError("no sandbox came free within 30 s", retry_after_s=0.0)]

    async def once_busy(submission: Submission) -> ExecutionResult:
        if faults:
            raise faults.pop()
        return judge.result(submission)

    judge.answer = once_busy
    async with serve() as client:
        assert (await client.execute(Submission(source=""))).verdict == "passed"


@pytest.mark.parametrize("fault", [SandboxLostError("gone"), RuntimeError("a bug of ours")])
async def test_a_fault_of_the_service_is_tried_again_and_never_a_bad_grade(
    fault: Exception, serve: Serve, judge: Any, caplog: pytest.LogCaptureFixture
):
    faults = [fault, fault]

    async def twice_broken(submission: Submission) -> ExecutionResult:
        if faults and submission.id == "unlucky":
            raise faults.pop()
        return judge.result(submission)

    judge.answer = twice_broken
    async with serve() as client:
        lucky, unlucky = await client.execute_batch(
            [Submission(id="lucky", source=""), Submission(id="unlucky", source="")]
        )

    assert (lucky.verdict, unlucky.verdict) == ("passed", "passed")
    assert sum(submission.id == "lucky" for submission in judge.submissions) == 1


async def test_a_fault_that_stays_is_an_internal_error(serve: Serve, judge: Any):
    async def broken(submission: Submission) -> ExecutionResult:
        return judge.result(submission, Verdict.INTERNAL_ERROR)

    judge.answer = broken
    async with serve() as client:
        alone = await client.execute(Submission(source=""))
        (batched,) = await client.execute_batch([Submission(source="")])

    assert (alone.verdict, batched.verdict) == ("internal_error", "internal_error")
    assert len(judge.submissions) == 6  # each one and two more


async def test_a_service_without_sandboxes_says_why_to_whoever_waits(serve: Serve, pool: Any):
    pool.current = type(pool.current)(ready=0, size=2, reason="the Docker engine is gone")
    async with serve() as client:
        with pytest.raises(ExecutorUnavailableError, match="the Docker engine is gone"):
            await client.wait_until_ready(timeout_s=0.1)
        pool.current = type(pool.current)()
        await client.wait_until_ready(timeout_s=5)


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("GET", "/healthz", b""),
        ("GET", "/readyz", b""),
        ("GET", "/runtimes", b""),
        ("GET", "/metrics", b""),
        ("GET", "/nowhere", b""),
        ("DELETE", "/execute", b""),
        ("POST", "/execute", b'{"source":""}'),
        ("POST", "/execute", b'{"source":"'),
        ("POST", "/execute/batch", b"[]"),
    ],
)
async def test_every_answer_carries_the_version(
    method: str, path: str, content: bytes, make_app: Callable[..., Any]
):
    app = make_app()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as plain,
    ):
        answer = await plain.request(method, path, content=content)

    assert answer.headers["X-RLTF-Version"] == WIRE_VERSION
