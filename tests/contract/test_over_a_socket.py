"""What only a real connection shows: early lines, clients that leave, a service that is gone."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from rltf_executor.client import (
    AsyncExecutorClient,
    ExecutorClient,
    ExecutorUnavailableError,
    RetryPolicy,
)
from rltf_executor.schema import ExecutionResult, Submission

FEW_RETRIES = RetryPolicy(max_failures=2, backoff_s=0.001)


async def test_results_are_yielded_while_others_still_run(listen: Any, judge: Any):
    release = asyncio.Event()

    async def slow_second(submission: Submission) -> ExecutionResult:
        if submission.id == "slow":
            await release.wait()
        return judge.result(submission)

    judge.answer = slow_second
    submissions = [Submission(id="slow", source=""), Submission(id="quick", source="")]
    async with (
        asyncio.timeout(10),
        listen() as url,
        AsyncExecutorClient(url) as client,
        aclosing(client.stream_batch(submissions)) as stream,
    ):
        first = await anext(stream)
        release.set()
        second = await anext(stream)

    assert (first[0], second[0]) == (1, 0)


@pytest.mark.parametrize("call", ["execute", "execute_batch"])
async def test_a_caller_that_gives_up_cancels_its_work(call: str, listen: Any, judge: Any):
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def hang(_submission: Submission) -> ExecutionResult:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    judge.answer = hang
    submission = Submission(source="")
    async with listen() as url, AsyncExecutorClient(url) as client, asyncio.timeout(10):
        work = getattr(client, call)(submission if call == "execute" else [submission])
        task = asyncio.create_task(work)
        await started.wait()
        task.cancel()
        await cancelled.wait()


async def test_the_plain_client_does_the_same_from_another_thread(listen: Any):
    def use(url: str) -> list[str]:
        with ExecutorClient(url) as client:
            client.wait_until_ready(timeout_s=10)
            entries = client.execute_batch([Submission(id=str(n), source="") for n in range(300)])
            return [entry.id or "" for entry in entries]

    async with listen() as url:
        ids = await asyncio.to_thread(use, url)

    assert ids == [str(number) for number in range(300)]


async def test_a_service_that_stopped_is_named(listen: Any):
    async with listen() as url:
        pass
    async with AsyncExecutorClient(url, retry=FEW_RETRIES) as client:
        with pytest.raises(ExecutorUnavailableError, match=f"{url}: ConnectError"):
            await client.execute(Submission(source=""))


async def test_work_goes_on_at_the_second_url_when_the_first_is_gone(listen: Any):
    async with listen() as gone:
        pass
    async with listen() as alive, AsyncExecutorClient([gone, alive], batch_size=5) as client:
        results = await client.execute_batch([Submission(source="")] * 50)

    assert [result.verdict for result in results] == ["passed"] * 50
