"""Grades the outcome of one test: the way it ended, then its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import JsonValue

from rltf_executor.judge.asserts import AssertPlan
from rltf_executor.judge.checkers import output_matches
from rltf_executor.judge.conditions import Answers, MalformedAnswerError, MissingAnswerError
from rltf_executor.judge.endings import Ending, judge_ending
from rltf_executor.judge.equality import value_matches
from rltf_executor.judge.faults import describe_at
from rltf_executor.judge.foreign import UndecidedError
from rltf_executor.judge.rendering import json_value
from rltf_executor.judge.sources import SourceText
from rltf_executor.judge.values import decode
from rltf_executor.sandbox.base import Outcome, Phase, Report
from rltf_executor.schema import Checker, ErrorInfo, Limits, Verdict

Graded = Literal["outside", "inside"]

# What Python's own operators raise on plain data.
_COMPARISON_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """The verdict of one test, and what led to it."""

    verdict: Verdict
    error: ErrorInfo | None = None
    value: JsonValue = None
    graded: Graded = "outside"
    flags: tuple[str, ...] = ()
    is_forged: bool = False  # what came back is not what the runner writes


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What grading a test needs to know of its submission."""

    source: SourceText
    limits: Limits
    checker: Checker | None
    return_output: bool


class Grader(Protocol):
    """Knows the expected answer of one test."""

    def grade(self, outcome: Outcome, around: Surroundings) -> Grade:
        """Gives the verdict."""
        ...


@dataclass(frozen=True, slots=True)
class StdioGrader:
    """Compares standard output; None expects nothing but a clean exit."""

    expected_stdout: bytes | None

    def grade(self, outcome: Outcome, around: Surroundings) -> Grade:
        """Gives the verdict of a run of the program."""
        ending = judge_ending(outcome, is_probe=False, limits=around.limits, source=around.source)
        if ending is not None:
            return _ended(ending)
        if outcome.exit_code != 0:
            return Grade(verdict=Verdict.INTERNAL_ERROR)
        expected = self.expected_stdout
        if expected is None or output_matches(outcome.stdout, expected, around.checker):
            return Grade(verdict=Verdict.PASSED)
        return Grade(verdict=Verdict.WRONG_ANSWER)


@dataclass(frozen=True, slots=True)
class CallGrader:
    """Compares what a call returned."""

    expected: object

    def grade(self, outcome: Outcome, around: Surroundings) -> Grade:
        """Gives the verdict of a call."""
        ending = judge_ending(outcome, is_probe=True, limits=around.limits, source=around.source)
        if ending is not None:
            return _ended(ending)
        answers = _decoded(outcome, num_values=1)
        if isinstance(answers, Grade):
            return answers
        try:
            matches = value_matches(answers.values[0], self.expected, around.checker)
        except _COMPARISON_ERRORS:  # a signalling NaN, say: whatever it is, it is not equal
            matches = False
        return Grade(
            verdict=Verdict.PASSED if matches else Verdict.WRONG_ANSWER,
            value=json_value(answers.values[0]) if around.return_output else None,
            flags=answers.flags,
        )


@dataclass(frozen=True, slots=True)
class AssertGrader:
    """Checks the conditions of a test's asserts, one after the other."""

    plan: AssertPlan

    def grade(self, outcome: Outcome, around: Surroundings) -> Grade:
        """Gives the verdict of an assert test."""
        ending = judge_ending(outcome, is_probe=True, limits=around.limits, source=around.source)
        if outcome.report is None or outcome.phase is not Phase.TEST or outcome.tampered:
            return _ended(ending, self._graded(used_inside=False)) if ending else _NO_ANSWER
        answers = _decoded(outcome)
        if isinstance(answers, Grade):
            return answers
        try:
            return self._check(outcome, answers, ending, around)
        except MalformedAnswerError:
            return _forged("an answer has another form than was asked for")

    def _check(
        self, outcome: Outcome, answers: "_Decoded", ending: Ending | None, around: Surroundings
    ) -> Grade:
        verdict, error, flags = Verdict.PASSED, None, answers.flags
        try:
            for condition in self.plan.conditions:
                if not condition.holds(answers):
                    verdict = Verdict.WRONG_ANSWER
                    break
            else:
                if ending is not None and not self._is_short_circuit(outcome, answers):
                    raise MissingAnswerError
        except MissingAnswerError:
            if ending is None:
                return _forged("an answer is missing")
            verdict, error, flags = ending.verdict, ending.error, (*flags, *ending.flags)
            if self._has_own_assert_failed(outcome):
                verdict, error = Verdict.WRONG_ANSWER, None
        except UndecidedError:
            verdict = Verdict.WRONG_ANSWER
        except _COMPARISON_ERRORS as raised:
            verdict = Verdict.RUNTIME_ERROR
            error = describe_at(type(raised).__name__, str(raised), (), around.source)
        return Grade(
            verdict=verdict,
            error=error,
            value=self._shown(answers) if around.return_output else None,
            graded=self._graded(used_inside=answers.used_inside),
            flags=flags,
        )

    def _is_short_circuit(self, outcome: Outcome, answers: Answers) -> bool:
        """True if it failed in a part of the last assert that Python would not evaluate."""
        fault = outcome.report.fault if outcome.report else None
        is_alive = outcome.exit_code is None and outcome.signal is None and not outcome.limit_hit
        reached = bool(self.plan.starts) and len(answers.values) > self.plan.starts[-1]
        return fault is not None and is_alive and reached

    def _has_own_assert_failed(self, outcome: Outcome) -> bool:
        """True if an assert of the test itself failed, in a loop or a function of the test."""
        fault = outcome.report.fault if outcome.report else None
        is_alive = outcome.exit_code is None and outcome.signal is None and not outcome.limit_hit
        return (
            fault is not None and is_alive and fault.type == "AssertionError" and not fault.is_own
        )

    def _graded(self, *, used_inside: bool) -> Graded:
        return "inside" if self.plan.is_inside or used_inside else "outside"

    def _shown(self, answers: Answers) -> JsonValue:
        shown = [json_value(value) for value in self.plan.shown(answers.values)]
        return shown[0] if len(shown) == 1 else shown or None


def _is_own_assert(report: Report | None) -> bool:
    """True if what ended a test is an assert of its own, not one of the program."""
    fault = report.fault if report else None
    return fault is not None and fault.type == "AssertionError" and not fault.is_own


def _reached(report: Report) -> tuple[bool, ...]:
    """Gives which asserts executed inside held, without one that ended in another exception."""
    if report.fault is not None and not _is_own_assert(report) and report.held[-1:] == (False,):
        return report.held[:-1]
    return report.held


class _Decoded(Answers):
    __slots__ = ("flags",)
    flags: tuple[str, ...]


_NO_ANSWER = Grade(verdict=Verdict.INTERNAL_ERROR)


def _ended(ending: Ending, graded: Graded = "outside") -> Grade:
    return Grade(verdict=ending.verdict, error=ending.error, flags=ending.flags, graded=graded)


def _forged(message: str) -> Grade:
    return Grade(
        verdict=Verdict.SECURITY_VIOLATION,
        error=ErrorInfo(type="Tampering", message=message),
        flags=("tampered",),
        is_forged=True,
    )


def _decoded(outcome: Outcome, num_values: int | None = None) -> "_Decoded | Grade":
    """Decodes what was shipped for a test, or gives the grade of one that shipped no values."""
    if outcome.report is None:
        return _NO_ANSWER
    shipped: Sequence[JsonValue] = outcome.report.values
    if num_values is not None and len(shipped) != num_values:
        return _forged("an answer is missing")
    values, claims = [], False
    try:
        for data in shipped:
            value, claimed = decode(data)
            values.append(value)
            claims = claims or claimed
    except ValueError as error:
        return _forged(f"an answer is no value: {error}")
    answers = _Decoded(values, _reached(outcome.report))
    answers.flags = ("impostor_value",) if claims else ()
    return answers
