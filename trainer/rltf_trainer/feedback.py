"""Verdicts to rewards, and errors to lines: the feedback of RLTF (arXiv 2307.04349, §3.3).

Pure functions of an executor's result. Which tokens a line is made of is the business of
``credit``; how a reward becomes an advantage, that of ``advantages``. Every number and the table of
error kinds are explained in docs/rewards.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rltf_executor.schema import ErrorInfo, ExecutionResult, TestResult, Verdict

LINE_END: Final = re.compile(r"\r\n|\r|\n")
"""What ends a line for Python's compiler. ``str.splitlines`` knows more ends, and would shift every
later line."""

_UNSCORED: Final = frozenset({Verdict.INTERNAL_ERROR, Verdict.SKIPPED})
_GLOBAL_VERDICTS: Final = frozenset({Verdict.TIMEOUT, Verdict.MEMORY_LIMIT, Verdict.OUTPUT_LIMIT})
_UNTELLING_SYNTAX: Final = re.compile(
    r"inconsistent use of tabs"
    r"|unindent does not match"
    r"|unterminated triple-quoted|EOF while scanning triple-quoted"
    r"|duplicate (argument|parameter) "
    r"|import \* only allowed at module level"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardLevels:
    """Coarse reward of each outcome; the defaults are Eq. 3 of arXiv 2307.04349."""

    syntax_error: float = -1.0
    error: float = -0.6  # runtime_error, timeout, security_violation, every limit
    wrong_answer: float = -0.3
    passed: float = 1.0


PAPER_LEVELS: Final = RewardLevels()


class FineCategory(StrEnum):
    """Which part of a completion an error is blamed on: U_ignore, U_global and U_line of Eq. 4."""

    IGNORE = "ignore"
    GLOBAL = "global"
    LINE = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What the verdict on one program says to its policy."""

    verdict: Verdict
    coarse: float
    reward: float  # coarse, or adaptive where that applies
    category: FineCategory
    lines: tuple[int, ...]  # 1-based lines of the program at fault; empty unless category is LINE
    error: ErrorInfo | None  # the error that decided the verdict


def coarse_reward(verdict: Verdict, levels: RewardLevels = PAPER_LEVELS) -> float | None:
    """Gives the reward of an outcome (Eq. 3), or None where the program was not judged.

    Nothing is known about a program whose verdict is ``internal_error`` or ``skipped``, so nothing
    may be learnt from it.
    """
    if verdict in _UNSCORED:
        return None
    match verdict:
        case Verdict.SYNTAX_ERROR:
            return levels.syntax_error
        case Verdict.WRONG_ANSWER:
            return levels.wrong_answer
        case Verdict.PASSED:
            return levels.passed
        case _:
            return levels.error


def adaptive_reward(
    result: ExecutionResult,
    levels: RewardLevels = PAPER_LEVELS,
    *,
    test_weights: Sequence[float] | None = None,
) -> float | None:
    """Gives the coarse reward, but a wrong answer earns its share of the tests passed (Eq. 5).

    That is ``wrong_answer + (passed - wrong_answer) * share``: with the paper's levels -0.3 + 1.3 *
    passed / total. A program that crashes on one test keeps its coarse reward however many others
    it passes, as in the authors' code.

    Args:
        result: Judged with ``stop_on_failure`` off; a test that was not run counts as not passed.
        levels: Coarse rewards.
        test_weights: Weight of each test, at least 0 and not all 0; equal weights if None.

    Raises:
        ValueError: ``test_weights`` does not fit the tests.
    """
    if result.verdict is not Verdict.WRONG_ANSWER:
        return coarse_reward(result.verdict, levels)
    return levels.wrong_answer + (levels.passed - levels.wrong_answer) * _passed_share(
        result, test_weights
    )


def _passed_share(result: ExecutionResult, test_weights: Sequence[float] | None) -> float:
    if test_weights is None:
        return result.passed / result.total
    if len(test_weights) != len(result.tests):
        raise ValueError(f"test_weights: {len(test_weights)} weights for {len(result.tests)} tests")
    whole = sum(test_weights)
    if min(test_weights) < 0 or whole <= 0:
        raise ValueError("test_weights: a weight is below 0, or all are 0")
    pairs = zip(test_weights, result.tests, strict=True)
    return sum(weight for weight, test in pairs if test.verdict is Verdict.PASSED) / whole


def difficulty_weights(num_passed: Sequence[int], num_run: Sequence[int]) -> list[float]:
    """Weigh the tests of a problem by how rarely programs have passed them so far.

    The idea is VeRPO's (arXiv 2601.03525): the last test to hold is worth more than one that
    anything passes. A test weighs 1 - (passed + 1) / (run + 2), the chance by Laplace's rule that
    the next program fails it: never 0, and 1/2 for a test that was never run.

    Args:
        num_passed: How many programs passed each test.
        num_run: How many programs each test was run on.

    Returns:
        One weight a test, for ``adaptive_reward``.
    """
    return [1 - (passed + 1) / (run + 2) for passed, run in zip(num_passed, num_run, strict=True)]


def deciding_error(result: ExecutionResult) -> ErrorInfo | None:
    """Gives the error of the first test with the result's own verdict; None if it has none.

    An earlier test may have failed less badly, so ``result.error``, the first of all, is only the
    last resort.
    """
    if result.verdict is Verdict.PASSED or result.verdict is Verdict.WRONG_ANSWER:
        return None
    deciding: TestResult | None = next(
        (test for test in result.tests if test.verdict is result.verdict), None
    )
    return result.error if deciding is None else deciding.error


def fine_category(result: ExecutionResult, source: str) -> tuple[FineCategory, tuple[int, ...]]:
    """Gives the part of the program an outcome is blamed on (Eq. 4), and the lines if on lines.

    Args:
        result: What the executor said.
        source: The program it was said of, exactly as submitted.

    Returns:
        The category and the 1-based lines at fault. Without a line to blame, an error that is not
        global is ignored.
    """
    ignore: tuple[FineCategory, tuple[int, ...]] = (FineCategory.IGNORE, ())
    everything: tuple[FineCategory, tuple[int, ...]] = (FineCategory.GLOBAL, ())
    if result.verdict in _UNSCORED or result.verdict in (Verdict.PASSED, Verdict.WRONG_ANSWER):
        return ignore
    if result.verdict in _GLOBAL_VERDICTS:
        return everything
    error = deciding_error(result)
    if error is None:
        return ignore
    if result.verdict is Verdict.SYNTAX_ERROR:
        if error.type == "TabError" or _UNTELLING_SYNTAX.search(error.message):
            return ignore
        if error.line is not None and error.line >= _last_written_line(source):
            return everything
    elif error.type == "RecursionError":
        return everything
    elif error.type == "RuntimeError":
        return ignore
    return ignore if error.line is None else (FineCategory.LINE, (error.line,))


def _last_written_line(source: str) -> int:
    """Gives the 1-based number of the last line that holds more than white space; 1 if none does.

    A program cut off by the length limit breaks there. The compiler may report the error one line
    further down, on the empty line after the last line end.
    """
    return len(LINE_END.split(source.rstrip()))


def build_feedback(
    result: ExecutionResult,
    source: str,
    *,
    levels: RewardLevels = PAPER_LEVELS,
    adaptive: bool = True,
    test_weights: Sequence[float] | None = None,
) -> Feedback | None:
    """Gives all the feedback on one program; None if it was not judged: drop its rollout.

    Args:
        result: What the executor said.
        source: The program it was said of, exactly as submitted.
        levels: Coarse rewards.
        adaptive: Whether a wrong answer earns its share of the tests passed.
        test_weights: See ``adaptive_reward``.
    """
    coarse = coarse_reward(result.verdict, levels)
    if coarse is None:
        return None
    graded = adaptive_reward(result, levels, test_weights=test_weights) if adaptive else coarse
    category, lines = fine_category(result, source)
    return Feedback(
        verdict=result.verdict,
        coarse=coarse,
        reward=coarse if graded is None else graded,
        category=category,
        lines=lines,
        error=deciding_error(result),
    )
