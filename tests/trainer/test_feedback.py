import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltf_executor.schema import (
    ErrorInfo,
    ExecutionResult,
    Isolation,
    TestResult,
    Timing,
    Verdict,
)
from rltf_trainer.feedback import (
    PAPER_LEVELS,
    FineCategory,
    RewardLevels,
    adaptive_reward,
    build_feedback,
    coarse_reward,
    deciding_error,
    difficulty_weights,
    fine_category,
)

SOURCE = "def f(x):\n    y = x + 1\n    return y\n\nprint(f(1))\n"  # the last written line is 5
IGNORED = (FineCategory.IGNORE, ())
EVERYTHING = (FineCategory.GLOBAL, ())


def result_of(
    *tests: tuple[Verdict, ErrorInfo | None], verdict: Verdict | None = None
) -> ExecutionResult:
    """A result with these tests; its verdict is the worst of theirs."""
    order = list(Verdict)
    entries = [
        TestResult(index=i, verdict=each, error=error) for i, (each, error) in enumerate(tests)
    ]
    return ExecutionResult(
        verdict=verdict or min((entry.verdict for entry in entries), key=order.index),
        passed=sum(entry.verdict is Verdict.PASSED for entry in entries),
        total=len(entries),
        tests=entries,
        error=next((entry.error for entry in entries if entry.error is not None), None),
        timing=Timing(queue_ms=0.0, run_ms=1.0, total_ms=1.0),
        isolation=Isolation(backend="docker", runtime="runc", level="namespaces"),
    )


def failed(
    verdict: Verdict, error_type: str, message: str = "", line: int | None = None
) -> ExecutionResult:
    return result_of((verdict, ErrorInfo(type=error_type, message=message, line=line)))


def wrong(num_passed: int, num_wrong: int) -> ExecutionResult:
    return result_of(
        *[(Verdict.PASSED, None)] * num_passed, *[(Verdict.WRONG_ANSWER, None)] * num_wrong
    )


@pytest.mark.parametrize(
    ("verdict", "reward"),
    [
        (Verdict.SYNTAX_ERROR, -1.0),
        (Verdict.SECURITY_VIOLATION, -0.6),
        (Verdict.RUNTIME_ERROR, -0.6),
        (Verdict.TIMEOUT, -0.6),
        (Verdict.MEMORY_LIMIT, -0.6),
        (Verdict.OUTPUT_LIMIT, -0.6),
        (Verdict.WRONG_ANSWER, -0.3),
        (Verdict.PASSED, 1.0),
        (Verdict.INTERNAL_ERROR, None),
        (Verdict.SKIPPED, None),
    ],
)
def test_coarse_reward_of_each_verdict(verdict: Verdict, reward: float | None):
    assert coarse_reward(verdict) == reward


def test_every_verdict_has_a_coarse_reward_or_none():
    unscored = {verdict for verdict in Verdict if coarse_reward(verdict) is None}

    assert unscored == {Verdict.INTERNAL_ERROR, Verdict.SKIPPED}


def test_levels_replace_the_paper_s():
    levels = RewardLevels(syntax_error=-2.0, error=-1.5, wrong_answer=-0.5, passed=3.0)

    assert coarse_reward(Verdict.TIMEOUT, levels) == -1.5
    assert adaptive_reward(wrong(1, 3), levels) == -0.5 + 3.5 * 0.25


@pytest.mark.parametrize(
    ("num_passed", "num_wrong", "reward"),
    [
        (0, 3, -0.3),
        (1, 3, 0.025),  # -0.3 + 1.3 / 4
        (1, 1, 0.35),
        (9, 1, 0.87),
    ],
)
def test_a_wrong_answer_earns_its_share_of_the_tests(
    num_passed: int, num_wrong: int, reward: float
):
    adaptive = adaptive_reward(wrong(num_passed, num_wrong))

    assert adaptive is not None
    assert math.isclose(adaptive, reward)


@given(st.integers(0, 50), st.integers(1, 50))
def test_a_wrong_answer_is_worth_less_than_a_pass_and_no_less_than_its_level(
    num_passed: int, num_wrong: int
):
    adaptive = adaptive_reward(wrong(num_passed, num_wrong))

    assert adaptive is not None
    assert PAPER_LEVELS.wrong_answer <= adaptive < PAPER_LEVELS.passed


def test_a_program_that_crashes_on_one_test_earns_nothing_for_the_others():
    error = ErrorInfo(type="IndexError", message="list index out of range", line=2)
    result = result_of((Verdict.PASSED, None), (Verdict.RUNTIME_ERROR, error))

    assert adaptive_reward(result) == -0.6


def test_weights_decide_what_each_test_earns():
    result = result_of((Verdict.PASSED, None), (Verdict.WRONG_ANSWER, None), (Verdict.PASSED, None))

    reward = adaptive_reward(result, test_weights=[1.0, 3.0, 0.0])

    assert reward is not None
    assert math.isclose(reward, -0.3 + 1.3 * 0.25)


@pytest.mark.parametrize("weights", [[1.0], [0.0, 0.0], [1.0, -1.0]])
def test_weights_that_do_not_fit_are_refused(weights: list[float]):
    with pytest.raises(ValueError, match="test_weights"):
        adaptive_reward(wrong(1, 1), test_weights=weights)


def test_a_test_weighs_more_the_fewer_programs_pass_it():
    # 1 - 1/2, 1 - 9/10, 1 - 1/10
    weights = difficulty_weights([0, 8, 0], [0, 8, 8])

    assert all(map(math.isclose, weights, [0.5, 0.1, 0.9]))


def test_an_internal_error_gives_no_feedback_at_all():
    assert build_feedback(result_of((Verdict.INTERNAL_ERROR, None)), SOURCE) is None


def compiler_error(source: str) -> ErrorInfo:
    """What this Python's compiler says of a program."""
    with pytest.raises(SyntaxError) as caught:
        compile(source, "<program>", "exec")
    return ErrorInfo(
        type=type(caught.value).__name__, message=caught.value.msg, line=caught.value.lineno
    )


@pytest.mark.parametrize(
    ("source", "category"),
    [
        ("if True:\n\tx = 1\n        y = 2\nz = 3\n", IGNORED),  # tabs and spaces
        ("if True:\n    x = 1\n  y = 2\nz = 3\n", IGNORED),  # unindent to nowhere
        ("x = '''abc\ny = 2\nz = 3\n", IGNORED),
        ('x = f"""abc\ny = 2\nz = 3\n', IGNORED),
        ("def f(a, a):\n    return a\nz = 3\n", IGNORED),
        ("def f():\n    from math import *\nz = 3\n", IGNORED),
        ("x = 1\ny = = 2\nz = 3\n", (FineCategory.LINE, (2,))),
        ("x = 1\ndef f(x)\n    return x\nz = 3\n", (FineCategory.LINE, (2,))),
        ("x = 'abc\ny = 2\n", (FineCategory.LINE, (1,))),
        ("x = [1, 2\ny = 2\nz = 3\n", (FineCategory.LINE, (1,))),  # where the bracket was opened
        ("x = 1\nreturn x\nz = 3\n", (FineCategory.LINE, (2,))),
        ("x = 1\ny = 2 +\n", EVERYTHING),
        ("x = 1\ny = 2 +\n\n\n", EVERYTHING),
        ("x = 1\ny = 'ab", EVERYTHING),
        ("x = 1\ndef f(x):\n", EVERYTHING),
        ("x = 1\r\ny = 2 +\r\n", EVERYTHING),
    ],
)
def test_category_of_what_the_compiler_says(
    source: str, category: tuple[FineCategory, tuple[int, ...]]
):
    result = result_of((Verdict.SYNTAX_ERROR, compiler_error(source)))

    assert fine_category(result, source) == category


@pytest.mark.parametrize(
    ("error_type", "message"),
    [
        ("TabError", "inconsistent use of tabs and spaces in indentation"),
        ("IndentationError", "unindent does not match any outer indentation level"),
        ("SyntaxError", "EOF while scanning triple-quoted string literal"),  # before Python 3.10
        ("SyntaxError", "unterminated triple-quoted string literal (detected at line 9)"),
        ("SyntaxError", "duplicate argument 'x' in function definition"),
        ("SyntaxError", "duplicate parameter 'x' in function definition"),  # since Python 3.14
        ("SyntaxError", "import * only allowed at module level"),
    ],
)
def test_syntax_errors_whose_line_says_nothing_are_ignored_even_on_the_last_line(
    error_type: str, message: str
):
    for line in (2, 5):
        result = failed(Verdict.SYNTAX_ERROR, error_type, message, line)
        assert fine_category(result, SOURCE) == IGNORED


@pytest.mark.parametrize(
    ("result", "category"),
    [
        (failed(Verdict.RUNTIME_ERROR, "ZeroDivisionError", line=2), (FineCategory.LINE, (2,))),
        (failed(Verdict.RUNTIME_ERROR, "ZeroDivisionError", line=5), (FineCategory.LINE, (5,))),
        (failed(Verdict.RUNTIME_ERROR, "SystemExit"), IGNORED),
        (failed(Verdict.RUNTIME_ERROR, "RuntimeError", line=2), IGNORED),
        (failed(Verdict.RUNTIME_ERROR, "NotImplementedError", line=2), (FineCategory.LINE, (2,))),
        (failed(Verdict.RUNTIME_ERROR, "RecursionError", line=2), EVERYTHING),
        (failed(Verdict.RUNTIME_ERROR, "SyntaxError", "eval", 2), (FineCategory.LINE, (2,))),
        (failed(Verdict.TIMEOUT, "TimeoutError", line=2), EVERYTHING),
        (failed(Verdict.MEMORY_LIMIT, "MemoryError", line=2), EVERYTHING),
        (failed(Verdict.OUTPUT_LIMIT, "OutputLimit"), EVERYTHING),
        (failed(Verdict.SECURITY_VIOLATION, "PermissionError", line=3), (FineCategory.LINE, (3,))),
        (failed(Verdict.SECURITY_VIOLATION, "SecurityViolation"), IGNORED),
        (failed(Verdict.SYNTAX_ERROR, "SyntaxError", "source contains null bytes"), IGNORED),
        (result_of((Verdict.RUNTIME_ERROR, None)), IGNORED),
        (wrong(1, 1), IGNORED),
        (wrong(2, 0), IGNORED),
        (result_of((Verdict.INTERNAL_ERROR, None)), IGNORED),
    ],
)
def test_category_of_each_outcome(
    result: ExecutionResult, category: tuple[FineCategory, tuple[int, ...]]
):
    assert fine_category(result, SOURCE) == category


def test_the_error_of_the_worst_verdict_decides():
    slow = ErrorInfo(type="TimeoutError", message="", line=2)
    crash = ErrorInfo(type="KeyError", message="'a'", line=3)
    result = result_of(
        (Verdict.WRONG_ANSWER, None), (Verdict.TIMEOUT, slow), (Verdict.RUNTIME_ERROR, crash)
    )

    assert deciding_error(result) == crash
    assert fine_category(result, SOURCE) == (FineCategory.LINE, (3,))


def test_feedback_holds_everything_about_a_program():
    crash = ErrorInfo(type="KeyError", message="'a'", line=3)

    feedback = build_feedback(result_of((Verdict.RUNTIME_ERROR, crash)), SOURCE)

    assert feedback is not None
    assert feedback.verdict is Verdict.RUNTIME_ERROR
    assert (feedback.coarse, feedback.reward) == (-0.6, -0.6)
    assert (feedback.category, feedback.lines) == (FineCategory.LINE, (3,))
    assert feedback.error == crash


@pytest.mark.parametrize(("adaptive", "reward"), [(True, 0.35), (False, -0.3)])
def test_the_adaptive_reward_can_be_turned_off(adaptive: bool, reward: float):
    feedback = build_feedback(wrong(1, 1), SOURCE, adaptive=adaptive)

    assert feedback is not None
    assert feedback.coarse == -0.3
    assert math.isclose(feedback.reward, reward)
