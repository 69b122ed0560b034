"""Plans a submission: what enters the sandbox, and graders that know the expected answers."""

import asyncio
from dataclasses import dataclass
from typing import Final

from rltf_executor.judge.asserts import split_asserts
from rltf_executor.judge.checkers import encode_text
from rltf_executor.judge.grading import AssertGrader, CallGrader, Grader, StdioGrader
from rltf_executor.sandbox.base import Call, Plan, Probe, StdioRun
from rltf_executor.schema import AssertTest, CallTest, StdioTest, Submission, Test

YIELD_EVERY: Final = 32  # tests planned before other submissions have a turn

_RUN_ONCE: Final = (StdioRun(stdin=b""), StdioGrader(None))


@dataclass(frozen=True, slots=True)
class JudgePlan:
    """A submission in two halves: ``plan`` is sent in, ``graders`` stay here."""

    plan: Plan
    graders: tuple[Grader, ...]


async def plan_submission(submission: Submission) -> JudgePlan:
    """Gives both halves; a submission without tests is run once, with empty stdin."""
    halves: list[tuple[StdioRun | Probe, Grader]] = []
    for number, test in enumerate(submission.tests, 1):
        halves.append(_halves(test, submission))
        if number % YIELD_EVERY == 0:
            await asyncio.sleep(0)
    if not halves:
        halves.append(_RUN_ONCE)
    plan = Plan(
        source=submission.source,
        tests=tuple(inner for inner, _ in halves),
        prelude=submission.prelude,
        setup=submission.setup,
        limits=submission.limits,
        fresh_process=submission.fresh_process,
        coverage=submission.return_coverage,
        stepwise=submission.stop_on_failure and len({type(inner) for inner, _ in halves}) == 1,
    )
    return JudgePlan(plan, tuple(grader for _, grader in halves))


def _halves(test: Test, submission: Submission) -> tuple[StdioRun | Probe, Grader]:
    match test:
        case StdioTest():
            run = StdioRun(stdin=encode_text(test.stdin))
            return run, StdioGrader(encode_text(test.expected_stdout))
        case CallTest():
            call = Call(function=test.function, args=tuple(test.args), kwargs=test.kwargs)
            return Probe(steps=(call,)), CallGrader(test.expected)
        case AssertTest():
            split = split_asserts(
                test.code,
                submission.source,
                prelude=submission.prelude,
                setup=submission.setup,
            )
            return Probe(steps=split.steps), AssertGrader(split)
