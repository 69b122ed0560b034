"""Judges submissions: plans, leases a sandbox, runs, grades, and assembles the result."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from rltf_executor.errors import PoolTimeoutError, SandboxLostError, ShuttingDownError
from rltf_executor.judge.cache import ResultCache
from rltf_executor.judge.endings import lost
from rltf_executor.judge.faults import describe_at
from rltf_executor.judge.grading import Grade, Surroundings
from rltf_executor.judge.planning import JudgePlan, plan_submission
from rltf_executor.judge.rendering import text
from rltf_executor.judge.sources import SourceText, printable
from rltf_executor.sandbox.base import CodeFrame, Outcome, Sandbox, SandboxPool
from rltf_executor.schema import (
    ErrorInfo,
    ExecutionResult,
    Isolation,
    Submission,
    TestResult,
    Timing,
    Verdict,
    worst,
)

logger = logging.getLogger(__name__)

LARGE_OUTPUT_BYTES: Final = 1 << 18  # more is compared in a thread, not in the event loop
LARGE_VALUE_NODES: Final = 5000
MAX_FLAGS: Final = 16
MAX_FLAG_CHARS: Final = 64


@dataclass(slots=True)
class _Run:
    """One attempt at a submission: the grades so far, and what it took."""

    planned: JudgePlan
    around: Surroundings
    grades: dict[int, tuple[Outcome, Grade | None]] = field(default_factory=dict)
    leased_at: float = 0.0
    run_ms: float = 0.0
    isolation: Isolation | None = None
    has_failed: bool = False

    def receive(self, sandbox: Sandbox, outcome: Outcome) -> bool:
        """Grades an outcome as it arrives; says whether the next test is wanted."""
        if outcome.index in self.grades or not 0 <= outcome.index < len(self.planned.graders):
            sandbox.condemn("it answered for a test that was not asked for")
            return True
        is_stepwise = self.planned.plan.stepwise
        if not is_stepwise and _is_large(outcome):
            self.grades[outcome.index] = (outcome, None)
            return True
        grade = self.grade(outcome)
        self.grades[outcome.index] = (outcome, grade)
        if grade.is_forged:
            sandbox.condemn("it answered with what is no answer")
        self.has_failed = self.has_failed or grade.verdict is not Verdict.PASSED
        return not (is_stepwise and self.has_failed)

    def grade(self, outcome: Outcome) -> Grade:
        """Gives the grade of one outcome."""
        return self.planned.graders[outcome.index].grade(outcome, self.around)

    async def grade_the_rest(self) -> None:
        """Grades what was too large to be graded in the event loop."""
        for index, (outcome, grade) in list(self.grades.items()):
            if grade is None:
                graded = await asyncio.to_thread(self.grade, outcome)
                self.grades[index] = (outcome, graded)


class Judge:
    """Turns submissions into results.

    Args:
        pool: Where sandboxes are leased.
        cache: Remembers results; None runs everything.
    """

    def __init__(self, pool: SandboxPool, *, cache: ResultCache | None = None) -> None:
        self._pool = pool
        self._cache = cache

    async def judge(
        self, submission: Submission, *, queued_at: float | None = None
    ) -> ExecutionResult:
        """Gives the verdict on a submission; whatever the program did is in it.

        Args:
            submission: Program and tests.
            queued_at: ``time.monotonic()`` when it began to wait; None: it did not.

        Raises:
            PoolTimeoutError: No sandbox came free in time.
            ShuttingDownError: The pool is closing.
        """
        started = time.monotonic() if queued_at is None else queued_at
        if self._cache is None:
            return await self._judge(submission, started)
        result, is_remembered = await self._cache.result_of(
            submission, lambda: self._judge(submission, started)
        )
        if not is_remembered:
            return result
        total_ms = _milliseconds_since(started)
        timing = Timing(queue_ms=total_ms, run_ms=0.0, total_ms=total_ms)
        return result.model_copy(update={"id": submission.id, "timing": timing})

    async def _judge(self, submission: Submission, started: float) -> ExecutionResult:
        source = SourceText(submission.source)
        around = Surroundings(
            source, submission.limits, submission.checker, submission.return_output
        )
        run = _Run(await plan_submission(submission), around)
        unspeakable = _unspeakable(source)
        if unspeakable is not None:
            missing = Grade(verdict=Verdict.SYNTAX_ERROR, error=unspeakable)
            await self._attempt(run, submission, only_lease=True)
        else:
            run, missing = await self._attempt_twice(run, submission)
        await run.grade_the_rest()
        tests = [
            _test_result(submission, run, index, missing)
            for index in range(len(run.planned.graders))
        ]
        if submission.stop_on_failure:
            tests = _until_failure(tests)
        queue_ms = max(0.0, (run.leased_at - started) * 1000)
        timing = Timing(
            queue_ms=round(queue_ms, 3),
            run_ms=round(run.run_ms, 3),
            total_ms=_milliseconds_since(started),
        )
        return _assembled(submission, tests, timing, run.isolation)

    async def _attempt_twice(self, run: _Run, submission: Submission) -> tuple[_Run, Grade]:
        """Runs a submission, once more in a fresh sandbox if the first was lost.

        Returns:
            The run, and the grade of tests that it did not reach.
        """
        try:
            await self._attempt(run, submission)
            return run, _UNREACHED
        except SandboxLostError as error:
            logger.warning(
                "sandbox lost",
                extra={"submission_id": submission.id, "attempt": 1, "reason": str(error)},
            )
        again = _Run(run.planned, run.around)
        try:
            await self._attempt(again, submission, fresh=True)
            return again, _UNREACHED
        except SandboxLostError as error:
            logger.warning(
                "sandbox lost",
                extra={"submission_id": submission.id, "attempt": 2, "reason": str(error)},
            )
            ending = lost(run.around.source)
            again.has_failed = False  # the test that was running comes next
            return again, Grade(verdict=ending.verdict, error=ending.error, flags=ending.flags)
        except (PoolTimeoutError, ShuttingDownError) as error:
            logger.error(
                "no second sandbox for a submission that lost its first",
                extra={"submission_id": submission.id, "reason": str(error)},
            )
            run.has_failed = False
            return run, Grade(verdict=Verdict.INTERNAL_ERROR)

    async def _attempt(
        self,
        run: _Run,
        submission: Submission,
        *,
        fresh: bool = False,
        only_lease: bool = False,
    ) -> None:
        memory_mb = submission.limits.memory_mb
        async with self._pool.lease(memory_mb=memory_mb, fresh=fresh) as sandbox:
            run.leased_at = time.monotonic()
            run.isolation = sandbox.isolation
            if not only_lease:
                run.run_ms = await sandbox.run(
                    run.planned.plan, lambda outcome: run.receive(sandbox, outcome)
                )


_UNREACHED = Grade(verdict=Verdict.INTERNAL_ERROR)
_UNKNOWN_ISOLATION = Isolation(backend="none", runtime="none", level="none")


def _is_large(outcome: Outcome) -> bool:
    """True if comparing it takes long enough to keep other submissions waiting."""
    if len(outcome.stdout) > LARGE_OUTPUT_BYTES:
        return True
    if outcome.report is None:
        return False
    num_nodes = 0
    stack: list[JsonValue] = list(outcome.report.values)
    while stack and num_nodes < LARGE_VALUE_NODES:
        value = stack.pop()
        num_nodes += 1
        if isinstance(value, list):
            num_nodes += len(value)
            stack.extend(part for part in value if isinstance(part, list))
        elif isinstance(value, str):
            num_nodes += len(value) // 64
    return num_nodes >= LARGE_VALUE_NODES


def _unspeakable(source: SourceText) -> ErrorInfo | None:
    """Gives the syntax error of a source that cannot even be written to a file."""
    found = source.first_unspeakable()
    if found is None:
        return None
    character, line, column = found
    message = (
        "source code cannot contain null bytes"
        if character == "\0"
        else f"source code cannot contain the lone surrogate U+{ord(character):04X}"
    )
    error = describe_at(
        "SyntaxError", message, (CodeFrame(function="<module>", line=line),), source
    )
    return error.model_copy(update={"column": column})


def _test_result(submission: Submission, run: _Run, index: int, missing: Grade) -> TestResult:
    known = run.grades.get(index)
    if known is None:
        if run.planned.plan.stepwise and run.has_failed:
            return TestResult(index=index, verdict=Verdict.SKIPPED)
        run.has_failed = True
        return TestResult(
            index=index,
            verdict=missing.verdict,
            error=missing.error,
            flags=list(missing.flags),
        )
    outcome, grade = known
    assert grade is not None  # noqa: S101  # grade_the_rest() has been awaited
    report = outcome.report
    lines = report.executed_lines if report and submission.return_coverage else None
    inner = report.flags if report else ()
    return TestResult(
        index=index,
        verdict=grade.verdict,
        error=grade.error,
        stdout=text(outcome.stdout) if submission.return_output else None,
        stderr=text(outcome.stderr) if submission.return_output else None,
        value=grade.value,
        exit_code=outcome.exit_code,
        signal=outcome.signal,
        wall_ms=round(outcome.wall_ms, 3),
        cpu_ms=round(outcome.cpu_ms, 3),
        memory_kb=outcome.memory_kb,
        executed_lines=_existing_lines(lines, run.around.source) if lines is not None else None,
        graded=grade.graded,
        flags=_flags((*grade.flags, *outcome.flags, *inner)),
    )


def _until_failure(tests: list[TestResult]) -> list[TestResult]:
    """Skips what comes after the first failure, where tests of two kinds all ran."""
    failed_at = next(
        (test.index for test in tests if test.verdict is not Verdict.PASSED), len(tests)
    )
    return [
        test if test.index <= failed_at else TestResult(index=test.index, verdict=Verdict.SKIPPED)
        for test in tests
    ]


def _existing_lines(lines: Sequence[int], source: SourceText) -> list[int]:
    return sorted({line for line in lines if 1 <= line <= source.num_lines})


def _flags(flags: Sequence[str]) -> list[str]:
    """Gives each flag once; those reported from inside are cut to what a flag can be."""
    if not flags:
        return []
    kept = dict.fromkeys(printable(flag[:MAX_FLAG_CHARS]) for flag in flags)
    return list(kept)[:MAX_FLAGS]


def _assembled(
    submission: Submission,
    tests: list[TestResult],
    timing: Timing,
    isolation: Isolation | None,
) -> ExecutionResult:
    verdicts = [test.verdict for test in tests]
    return ExecutionResult(
        id=submission.id,
        verdict=worst(verdicts),
        passed=verdicts.count(Verdict.PASSED),
        total=len(tests),
        tests=tests,
        error=next((test.error for test in tests if test.error is not None), None),
        timing=timing,
        isolation=isolation or _UNKNOWN_ISOLATION,
    )


def _milliseconds_since(started: float) -> float:
    return round(max(0.0, (time.monotonic() - started) * 1000), 3)
