import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from rltf_executor.admission import Admission
from rltf_executor.dispatch import HOLD_S, Dispatcher
from rltf_executor.errors import PoolTimeoutError, ShuttingDownError
from rltf_executor.metrics import Metrics
from rltf_executor.schema import ExecutionResult, Isolation, Submission, Verdict

ISOLATION = Isolation(backend="scripted", runtime="none", level="none")


def submissions(count: int, name: str = "") -> list[Submission]:
    return [Submission(id=f"{name}{number}", source="") for number in range(count)]


@pytest.fixture
def admission() -> Admission:
    return Admission(1000)


@pytest.fixture
def make(judge: Any, admission: Admission) -> Callable[..., Dispatcher]:
    def made(num_slots: int = 2, *, is_busy: Callable[[], bool] = lambda: False) -> Dispatcher:
        return Dispatcher(
            judge, admission, Metrics(), num_slots=num_slots, isolation=ISOLATION, is_busy=is_busy
        )

    return made


async def collect(
    dispatcher: Dispatcher, admission: Admission, entries: list[Submission]
) -> list[str]:
    with admission.admit(len(entries)) as ticket:
        return [
            entry.verdict
            async for together in dispatcher.run_batch(entries, ticket, 0.0)
            for entry in together
        ]


async def never() -> Any:
    await asyncio.Event().wait()


async def test_no_more_than_the_slots_are_judged_at_a_time(
    make: Callable[..., Dispatcher], judge: Any, admission: Admission
):
    async def slowly(submission: Submission) -> ExecutionResult:
        await asyncio.sleep(0)
        return judge.result(submission)

    judge.answer = slowly
    dispatcher = make(3)

    async with asyncio.TaskGroup() as group:
        for name in "abcd":
            group.create_task(collect(dispatcher, admission, submissions(20, name)))

    assert judge.num_most == 3
    assert len(judge.started) == 80


async def test_a_single_submission_does_not_wait_for_a_whole_batch(
    make: Callable[..., Dispatcher], judge: Any, admission: Admission
):
    async def slowly(submission: Submission) -> ExecutionResult:
        await asyncio.sleep(0)
        return judge.result(submission)

    judge.answer = slowly
    dispatcher = make(2)
    batch = asyncio.create_task(collect(dispatcher, admission, submissions(100)))
    await judge.any_started.wait()
    await dispatcher.run(Submission(id="single", source=""), 0.0)

    assert judge.started.index("single") <= 6
    batch.cancel()
    await asyncio.gather(batch, return_exceptions=True)


async def test_a_batch_waits_for_a_sandbox_as_long_as_others_work(
    make: Callable[..., Dispatcher], judge: Any, admission: Admission
):
    faults = [PoolTimeoutError("none came free") for _ in range(5)]

    async def busy_at_first(submission: Submission) -> ExecutionResult:
        if faults:
            raise faults.pop()
        return judge.result(submission)

    judge.answer = busy_at_first

    assert await collect(make(is_busy=lambda: True), admission, submissions(2)) == ["passed"] * 2


@pytest.mark.parametrize("fault", [PoolTimeoutError("none"), ShuttingDownError("closing")])
async def test_a_batch_does_not_wait_for_sandboxes_that_never_come(
    fault: Exception, make: Callable[..., Dispatcher], judge: Any, admission: Admission
):
    async def fail(_submission: Submission) -> ExecutionResult:
        raise fault

    judge.answer = fail

    verdicts = await collect(make(), admission, submissions(3))

    assert verdicts == [Verdict.INTERNAL_ERROR] * 3


async def test_places_are_freed_as_results_are_taken(
    make: Callable[..., Dispatcher], admission: Admission
):
    with admission.admit(3) as ticket:
        async with aclosing(make().run_batch(submissions(3), ticket, 0.0)) as finished:
            num_taken = 0
            async for together in finished:
                assert admission.num_admitted == 3 - num_taken
                num_taken += len(together)

    assert num_taken == 3


async def test_results_of_a_large_batch_travel_together(
    make: Callable[..., Dispatcher], judge: Any, admission: Admission
):
    async def at_its_pace(submission: Submission) -> ExecutionResult:
        await asyncio.sleep(HOLD_S / 4)
        return judge.result(submission)

    judge.answer = at_its_pace
    with admission.admit(60) as ticket:
        handfuls = [each async for each in make().run_batch(submissions(60), ticket, 0.0)]

    assert sorted(entry.index for each in handfuls for entry in each) == list(range(60))
    assert len(handfuls) < 45
    assert all(len(each) <= 16 for each in handfuls)


async def test_a_reader_that_stops_ends_the_work(
    make: Callable[..., Dispatcher], judge: Any, admission: Admission
):
    async def one_then_none(submission: Submission) -> ExecutionResult:
        if submission.id != "0":
            await never()
        return judge.result(submission)

    judge.answer = one_then_none
    with admission.admit(9) as ticket:
        async with aclosing(make().run_batch(submissions(9), ticket, 0.0)) as finished:
            await anext(finished)

    assert judge.num_now == 0


async def test_work_ends_when_its_client_leaves(make: Callable[..., Dispatcher]):
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await never()
        finally:
            ended.set()

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientDisconnect):
        await make().while_connected(receive, work())
    assert ended.is_set()


async def test_work_that_is_cut_off_was_not_abandoned_by_its_client(
    make: Callable[..., Dispatcher],
):
    dispatcher = make()
    waiting = asyncio.create_task(dispatcher.while_connected(never, never()))
    await asyncio.sleep(0)
    dispatcher.abort()

    with pytest.raises(ShuttingDownError):
        await waiting


async def test_cancelling_a_request_cancels_its_work(make: Callable[..., Dispatcher], judge: Any):
    async def forever(_submission: Submission) -> ExecutionResult:
        return await never()

    judge.answer = forever
    dispatcher = make()
    request = asyncio.create_task(
        dispatcher.while_connected(never, dispatcher.run(Submission(source=""), 0.0))
    )
    await judge.any_started.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request

    assert judge.num_now == 0
