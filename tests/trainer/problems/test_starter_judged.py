"""The starter set as the executor grades it: in Docker, all three kinds of test."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from rltf_executor.judge import Judge
from rltf_executor.sandbox import open_pool
from rltf_executor.schema import ExecutionResult, Verdict
from rltf_executor.settings import Settings
from rltf_trainer.problems import Problem, load_problems
from rltf_trainer.problems.starter import read_split

pytestmark = pytest.mark.docker


@pytest.fixture
async def judge(sandbox_image: str) -> AsyncIterator[Judge]:
    settings = Settings.model_validate(
        {"sandbox": {"backend": "docker", "image": sandbox_image}, "pool": {"size": 2}}
    )
    pool = await open_pool(settings)
    try:
        yield Judge(pool)
    finally:
        await pool.close(0.0)


async def judged(judge: Judge, programs: list[tuple[str, Problem]]) -> list[ExecutionResult]:
    submissions = [problem.submission(source, id=problem.id) for source, problem in programs]
    slots = asyncio.Semaphore(4)

    async def one(number: int) -> ExecutionResult:
        async with slots:
            return await judge.judge(submissions[number])

    return await asyncio.gather(*map(one, range(len(submissions))))


async def test_every_reference_passes_and_is_compared_outside(judge: Judge):
    problems = load_problems("starter")

    results = await judged(judge, [(problem.reference or "", problem) for problem in problems])

    assert {result.id: result.error for result in results if result.verdict != "passed"} == {}
    assert Counter(test.graded for result in results for test in result.tests).keys() == {"outside"}


async def test_wrong_programs_fail_by_their_own_fault(judge: Judge):
    wrong = {
        f"starter/{starter.id}": starter.wrong
        for split in ("train", "validation")
        for starter in read_split(split)
    }
    programs = [
        (source, problem) for problem in load_problems("starter") for source in wrong[problem.id]
    ]

    results = await judged(judge, programs)

    verdicts = Counter(result.verdict for result in results)
    assert set(verdicts) <= {Verdict.WRONG_ANSWER, Verdict.RUNTIME_ERROR}
    assert verdicts[Verdict.WRONG_ANSWER] >= 0.8 * len(results)
