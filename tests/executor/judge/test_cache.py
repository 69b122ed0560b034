import asyncio

import pytest

from rltf_executor.errors import PoolTimeoutError
from rltf_executor.judge import Judge, ResultCache
from rltf_executor.sandbox.base import LimitHit, Outcome, Phase
from rltf_executor.schema import Submission, Verdict

SOURCE = "def add(a, b):\n    return a + b\n"


def submission(identity: str = "a", **fields: object) -> Submission:
    tests = [{"kind": "assert", "code": "assert add(1, 2) == 3"}]
    return Submission.model_validate({"id": identity, "source": SOURCE, "tests": tests, **fields})


async def test_a_result_is_remembered_for_the_same_program_and_tests(pool):
    judge = Judge(pool, cache=ResultCache(10))

    first = await judge.judge(submission("a"))
    second = await judge.judge(submission("b"))

    assert len(pool.plans) == 1
    assert (first.id, second.id) == ("a", "b")
    assert second.verdict is Verdict.PASSED
    assert second.timing.run_ms == 0.0


@pytest.mark.parametrize(
    "fields",
    [
        {"source": SOURCE + "\n"},
        {"prelude": "import math"},
        {"limits": {"wall_s": 1}},
        {"checker": {"kind": "approx"}},
        {"return_output": True},
        {"tests": [{"kind": "call", "function": "add", "args": [1, 2], "expected": 3}]},
    ],
)
async def test_what_differs_is_run(pool, fields: dict[str, object]):
    judge = Judge(pool, cache=ResultCache(10))

    await judge.judge(submission())
    await judge.judge(submission(**fields))

    assert len(pool.plans) == 2


async def test_numbers_of_different_types_are_different_tests():
    cache = ResultCache(10)

    def key(expected: object) -> bytes:
        tests = [{"kind": "call", "function": "add", "expected": expected}]
        return cache.key(submission(tests=tests))

    assert len({key(1), key(1.0), key(True), key("1"), key([1]), key("\ud800")}) == 6
    assert ResultCache(10, environment="other").key(submission()) != cache.key(submission())


async def test_identical_submissions_in_flight_run_once(pool):
    judge = Judge(pool, cache=ResultCache(10))

    results = await asyncio.gather(*[judge.judge(submission(str(i))) for i in range(8)])

    assert len(pool.plans) == 1
    assert [result.id for result in results] == [str(i) for i in range(8)]


@pytest.mark.parametrize("hit", [LimitHit.WALL, LimitHit.CPU, LimitHit.TOTAL, LimitHit.MEMORY])
async def test_what_depends_on_load_is_not_remembered(pool, hit: LimitHit):
    judge = Judge(pool, cache=ResultCache(10))
    pool.scripts = [[Outcome(index=0, phase=Phase.TEST, limit_hit=hit)]]

    first, second = await asyncio.gather(judge.judge(submission("a")), judge.judge(submission("b")))

    assert first.verdict is not Verdict.PASSED
    assert second.verdict is Verdict.PASSED
    assert len(pool.plans) == 2


async def test_a_failure_of_one_that_runs_leaves_the_others_to_run(pool):
    judge = Judge(pool, cache=ResultCache(10))
    pool.lease_errors = [PoolTimeoutError("busy")]

    first, second = await asyncio.gather(
        judge.judge(submission("a")), judge.judge(submission("b")), return_exceptions=True
    )

    assert isinstance(first, PoolTimeoutError)
    assert not isinstance(second, BaseException)
    assert second.verdict is Verdict.PASSED


async def test_cancelling_one_that_runs_leaves_the_others_to_run(pool):
    cache = ResultCache(10)
    started = asyncio.Event()

    async def never():
        started.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(cache.result_of(submission(), never))
    await started.wait()
    waiting = asyncio.create_task(Judge(pool, cache=cache).judge(submission("b")))
    await asyncio.sleep(0)
    running.cancel()

    assert (await waiting).verdict is Verdict.PASSED
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_the_least_recently_used_result_leaves_first(pool):
    cache = ResultCache(2)
    judge = Judge(pool, cache=cache)
    for source in ("a = 1", "b = 1", "a = 1", "c = 1", "a = 1"):
        await judge.judge(submission(source=source))

    assert len(cache) == 2
    assert (cache.num_hits, cache.num_misses) == (2, 3)


def test_a_cache_holds_something():
    with pytest.raises(ValueError, match="max_entries"):
        ResultCache(0)
