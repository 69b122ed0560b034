import time

import pytest

from rltf_executor.errors import PoolTimeoutError, SandboxLostError, ShuttingDownError
from rltf_executor.judge import Judge
from rltf_executor.judge.judge import LARGE_OUTPUT_BYTES
from rltf_executor.sandbox.base import Fault, LimitHit, Outcome, Phase, Report
from rltf_executor.schema import Submission, Verdict

SOURCE = "def add(a, b):\n    return a + b\n"


def submission(*codes: str, source: str = SOURCE, **fields: object) -> Submission:
    tests = [{"kind": "assert", "code": code} for code in codes]
    return Submission.model_validate({"source": source, "tests": tests, **fields})


def answered(index: int, *values: object) -> Outcome:
    return Outcome(index=index, phase=Phase.TEST, report=Report(values=values))  # type: ignore[arg-type]


async def test_result_has_one_entry_a_test_in_order(judge: Judge, pool):
    result = await judge.judge(
        Submission.model_validate(
            {
                "id": "s-1",
                "source": "def add(a, b):\n    return a + b\nprint(add(1, 2))\n",
                "tests": [
                    {"kind": "stdio", "stdin": "", "expected_stdout": "3\n"},
                    {"kind": "call", "function": "add", "args": [1, 2], "expected": 4},
                    {"kind": "assert", "code": "assert add(1, 2) == 3"},
                ],
            }
        )
    )

    assert result.id == "s-1"
    assert [test.index for test in result.tests] == [0, 1, 2]
    assert [test.verdict for test in result.tests] == ["passed", "wrong_answer", "passed"]
    assert (result.verdict, result.passed, result.total) == ("wrong_answer", 2, 3)
    assert result.error is None
    assert result.isolation.backend == "fake"
    assert pool.leases == [(512, False)]


async def test_first_error_and_worst_verdict_are_the_results(judge: Judge):
    result = await judge.judge(
        submission("assert add(1, 2) == 4", "add(1, 'a')", "add(1)", "assert add(1, 2) == 3")
    )

    assert result.verdict is Verdict.RUNTIME_ERROR
    assert result.error is not None
    assert result.error == result.tests[1].error
    assert (result.error.type, result.error.line) == ("TypeError", 2)
    assert result.tests[2].error is not None
    assert result.tests[2].error.line is None


async def test_no_tests_is_one_run_with_empty_stdin(judge: Judge):
    passed = await judge.judge(Submission(source="print(1)"))
    failed = await judge.judge(Submission(source="import sys\nsys.exit(2)"))

    assert (passed.verdict, passed.total, passed.passed) == ("passed", 1, 1)
    assert (failed.verdict, failed.total) == ("runtime_error", 1)


async def test_a_program_that_does_not_compile_gives_every_test_the_same_error(judge: Judge):
    result = await judge.judge(submission("assert f() == 1", "assert g() == 1", source="x = = 1"))

    assert [test.verdict for test in result.tests] == ["syntax_error"] * 2
    assert result.tests[0].error == result.tests[1].error == result.error


@pytest.mark.parametrize(
    ("source", "line", "column"), [("a = 1\nb = '\0'\n", 2, 6), ("\n\n\ud800", 3, 1)]
)
async def test_a_source_no_file_can_hold_is_a_syntax_error(
    judge: Judge, pool, source: str, line: int, column: int
):
    result = await judge.judge(submission("assert a == 1", "assert b == 2", source=source))

    assert [test.verdict for test in result.tests] == ["syntax_error"] * 2
    assert result.error is not None
    assert (result.error.type, result.error.line) == ("SyntaxError", line)
    assert result.error.column == column
    assert pool.plans == []
    result.model_dump_json()


async def test_stop_on_failure_skips_the_rest(judge: Judge, pool):
    result = await judge.judge(
        submission(
            "assert add(1, 2) == 3",
            "assert add(1, 2) == 4",
            "assert add(1, 2) == 3",
            stop_on_failure=True,
        )
    )

    assert pool.plans[0].stepwise
    assert [test.verdict for test in result.tests] == ["passed", "wrong_answer", "skipped"]
    assert (result.verdict, result.passed, result.total) == ("wrong_answer", 1, 3)


async def test_a_failing_test_counts_though_a_later_statement_of_it_raises(judge: Judge):
    result = await judge.judge(submission("assert add(1, 2) == 4\nadd(1)"))

    assert result.verdict is Verdict.WRONG_ANSWER
    assert result.error is None


async def test_a_lost_sandbox_is_tried_once_more_in_a_fresh_one(judge: Judge, pool):
    pool.scripts = [[answered(0, 99), SandboxLostError("gone")], [answered(0, 3), answered(1, 4)]]

    result = await judge.judge(submission("assert add(1, 2) == 3", "assert add(2, 2) == 4"))

    assert result.verdict is Verdict.PASSED
    assert pool.leases == [(512, False), (512, True)]


async def test_a_program_that_loses_its_sandbox_twice_has_done_it(judge: Judge, pool):
    lost = SandboxLostError("gone")
    pool.scripts = [[lost], [answered(0, 3), lost]]

    result = await judge.judge(
        submission("assert add(1, 2) == 3", "assert add(2, 2) == 4", "assert add(2, 2) == 4")
    )

    assert [test.verdict for test in result.tests] == [
        "passed",
        "security_violation",
        "security_violation",
    ]
    assert result.tests[1].flags == ["sandbox_lost"]
    assert result.error is not None


async def test_with_stop_on_failure_what_follows_a_lost_test_is_skipped(judge: Judge, pool):
    lost = SandboxLostError("gone")
    pool.scripts = [[lost], [answered(0, 3), lost]]

    result = await judge.judge(submission(*["assert add(1, 2) == 3"] * 3, stop_on_failure=True))

    assert [test.verdict for test in result.tests] == ["passed", "security_violation", "skipped"]


@pytest.mark.parametrize("error", [PoolTimeoutError("busy"), ShuttingDownError("closing")])
async def test_no_second_sandbox_is_our_fault(judge: Judge, pool, error: Exception):
    pool.scripts = [[answered(0, 3), SandboxLostError("gone")]]
    pool.lease_errors = [None, error]

    result = await judge.judge(submission("assert add(1, 2) == 3", "assert add(2, 2) == 4"))

    assert [test.verdict for test in result.tests] == ["passed", "internal_error"]
    assert result.verdict is Verdict.INTERNAL_ERROR
    assert result.error is None


@pytest.mark.parametrize("error", [PoolTimeoutError("busy"), ShuttingDownError("closing")])
async def test_no_first_sandbox_is_for_the_caller(judge: Judge, pool, error: Exception):
    pool.lease_errors = [error]

    with pytest.raises(type(error)):
        await judge.judge(submission("assert add(1, 2) == 3"))


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("assert add(1, 2) == 3", [["?"]]),
        ("assert add(1, 2) == 3", []),
        ("assert add(1, 2)", [3]),
        ("assert add(1, 2)", [["t", 3]]),
        ("assert add(1, 2) == add(2, 1)", [["t", 3, 3]]),
        ("assert 3 in add(1, 2)", [["l", 3]]),
    ],
)
async def test_an_answer_that_is_none_condemns_the_sandbox(
    judge: Judge, pool, code: str, values: list[object]
):
    pool.scripts = [[answered(0, *values)]]

    result = await judge.judge(submission(code))

    assert result.verdict is Verdict.SECURITY_VIOLATION
    assert result.tests[0].flags == ["tampered"]
    assert len(pool.condemned) == 1


async def test_a_call_must_have_answered(judge: Judge, pool):
    test = {"kind": "call", "function": "add", "args": [1, 2], "expected": None}
    pool.scripts = [[answered(0)], [answered(0, None, None)], [answered(0, None)]]

    verdicts = [
        (await judge.judge(Submission.model_validate({"source": SOURCE, "tests": [test]}))).verdict
        for _ in range(3)
    ]

    assert verdicts == ["security_violation", "security_violation", "passed"]


async def test_outcomes_for_unknown_tests_are_ignored_and_condemned(judge: Judge, pool):
    pool.scripts = [[answered(0, 3), answered(0, 4), answered(7, 3), answered(-1, 3)]]

    result = await judge.judge(submission("assert add(1, 2) == 3"))

    assert result.verdict is Verdict.PASSED
    assert len(pool.condemned) == 3


async def test_a_test_without_an_outcome_is_our_fault(judge: Judge, pool):
    pool.scripts = [[]]

    result = await judge.judge(submission("assert add(1, 2) == 3"))

    assert result.verdict is Verdict.INTERNAL_ERROR


async def test_a_limit_hit_before_an_assert_was_decided_is_the_verdict(judge: Judge, pool):
    pool.scripts = [[Outcome(index=0, phase=Phase.TEST, limit_hit=LimitHit.WALL)]]

    result = await judge.judge(submission("assert add(1, 2) == 3"))

    assert result.verdict is Verdict.TIMEOUT
    assert result.error is not None
    assert result.error.type == "TimeoutError"


async def test_output_and_values_come_back_where_asked_for(judge: Judge):
    tests = [
        {"kind": "stdio", "expected_stdout": ""},
        {"kind": "call", "function": "f", "args": [1], "expected": None},
        {"kind": "assert", "code": "assert f(2) == [2]"},
        {"kind": "assert", "code": "assert f(3)"},
        {"kind": "assert", "code": "assert f(4) == 4 or f(5) == 5"},
        {"kind": "call", "function": "g", "expected": None},
    ]
    source = "def f(x):\n    return [x, (x,)]\ndef g():\n    return {1, 2}\nprint('é\\x00')\n"

    silent = await judge.judge(Submission.model_validate({"source": source, "tests": tests}))
    told = await judge.judge(
        Submission.model_validate({"source": source, "tests": tests, "return_output": True})
    )

    assert [test.value for test in silent.tests] == [None] * 6
    assert silent.tests[0].stdout is None
    assert told.tests[0].stdout == "é\x00\n"
    assert [test.value for test in told.tests[1:]] == [
        [1, [1]],
        [2, [2]],
        [3, [3]],
        [[4, [4]], [5, [5]]],
        {"repr": "{1, 2}"},
    ]


async def test_large_output_is_compared_too(judge: Judge):
    size = LARGE_OUTPUT_BYTES + 1
    source = f"print('a' * {size})"
    tests = [
        {"kind": "stdio", "expected_stdout": "a" * size},
        {"kind": "stdio", "expected_stdout": "a" * size + "b"},
    ]

    result = await judge.judge(Submission.model_validate({"source": source, "tests": tests}))

    assert [test.verdict for test in result.tests] == ["passed", "wrong_answer"]


async def test_large_values_are_compared_too(judge: Judge):
    result = await judge.judge(
        submission(
            "assert list(range(20000)) == sorted(add(i, 1) - 1 for i in range(20000))",
            "assert [add(i, 1) for i in range(20000)] == list(range(20000))",
        )
    )

    assert [test.verdict for test in result.tests] == ["passed", "wrong_answer"]


async def test_many_tests_are_planned_in_turns(judge: Judge):
    result = await judge.judge(submission(*[f"assert add({i}, 1) == {i + 1}" for i in range(100)]))

    assert (result.passed, result.total) == (100, 100)


async def test_flags_and_lines_from_inside_are_cleaned(judge: Judge, pool):
    report = Report(
        values=(3,),
        executed_lines=(2, 99, 1, 2, -5),
        flags=("frame_walk", "frame_walk", "\ud800" * 200, *(str(i) for i in range(100))),
    )
    pool.scripts = [[Outcome(index=0, phase=Phase.TEST, report=report, flags=("wrote_fd",))]]

    result = await judge.judge(submission("assert add(1, 2) == 3", return_coverage=True))

    test = result.tests[0]
    assert test.executed_lines == [1, 2]
    assert test.flags[:2] == ["wrote_fd", "frame_walk"]
    assert len(test.flags) == 16
    result.model_dump_json()


async def test_waiting_is_part_of_the_time(judge: Judge):
    result = await judge.judge(submission("assert add(1, 2) == 3"), queued_at=time.monotonic() - 2)

    assert 2000 <= result.timing.queue_ms < 20_000
    assert result.timing.total_ms >= result.timing.queue_ms
    assert result.timing.run_ms == 1.5


async def test_an_error_while_loading_is_every_probes(judge: Judge):
    result = await judge.judge(submission("assert f() == 1", "assert g() == 1", source="\n1 / 0\n"))

    assert [test.verdict for test in result.tests] == ["runtime_error"] * 2
    assert result.tests[1].error is not None
    assert (result.tests[1].error.type, result.tests[1].error.line) == ("ZeroDivisionError", 2)


async def test_an_assertion_of_the_program_is_a_runtime_error(judge: Judge):
    source = "def f(x):\n    assert x > 1\n    return x\n"

    result = await judge.judge(
        submission("assert f(1) == 1", "for i in range(2):\n    assert f(2) == i", source=source)
    )

    assert [test.verdict for test in result.tests] == ["runtime_error", "wrong_answer"]
    assert result.tests[0].error is not None
    assert (result.tests[0].error.type, result.tests[0].error.line) == ("AssertionError", 2)


async def test_an_exception_in_an_assert_executed_inside_is_no_wrong_answer(judge: Judge):
    result = await judge.judge(
        submission(
            "assert all(missing(i) == i for i in [1])",
            "assert all(add(i, 1) == i for i in [1])",
            "assert all(add(i, 0) == i for i in [1])",
        )
    )

    assert [test.verdict for test in result.tests] == ["runtime_error", "wrong_answer", "passed"]
    assert {test.graded for test in result.tests} == {"inside"}


async def test_two_objects_of_the_program_are_compared_inside(judge: Judge):
    source = (
        "class P:\n    def __init__(self, x): self.x = x\n"
        "    def __eq__(self, other): return self.x == other.x\n"
    )

    result = await judge.judge(
        submission(
            "assert P(1) == P(1)", "assert P(1) == P(2)", "assert [1] == list([1])", source=source
        )
    )

    assert [test.verdict for test in result.tests] == ["passed", "wrong_answer", "passed"]
    assert [test.graded for test in result.tests] == ["inside", "inside", "outside"]


async def test_a_fault_with_a_forged_errno_is_no_pass(judge: Judge, pool):
    fault = Fault(type="PermissionError", message="no", errno=1)
    pool.scripts = [[Outcome(index=0, phase=Phase.TEST, report=Report(values=(3,), fault=fault))]]

    result = await judge.judge(submission("assert add(1, 2) == 3\nadd(1, 1)"))

    assert result.verdict is Verdict.SECURITY_VIOLATION


@pytest.mark.parametrize(
    "value", [["D", "sNaN"], ["l", ["D", "sNaN"], 1], ["d", "k", ["D", "sNaN"]]]
)
@pytest.mark.parametrize("checker", ["equal", "approx", "unordered"])
async def test_a_value_that_cannot_be_compared_is_wrong_and_costs_no_other_test(
    judge: Judge, pool, value: object, checker: str
):
    test = {"kind": "call", "function": "add", "args": [1, 2], "expected": [1, 2]}
    pool.scripts = [[answered(0, value), answered(1, ["l", 1, 2])]]

    result = await judge.judge(
        Submission.model_validate(
            {"source": SOURCE, "tests": [test, test], "checker": {"kind": checker}}
        )
    )

    assert [test.verdict for test in result.tests] == ["wrong_answer", "passed"]


@pytest.mark.parametrize(
    "value",
    [["T", "builtins.str"], ["l", ["T", "builtins.int"], 1], ["na", "<i8", [], 5], ["td", 1, 2, 3]],
)
async def test_values_without_a_length_are_shown(judge: Judge, pool, value: object):
    pool.scripts = [[answered(0, value)]]

    result = await judge.judge(
        Submission.model_validate(
            {
                "source": SOURCE,
                "tests": [{"kind": "call", "function": "add", "args": [], "expected": 7}],
                "return_output": True,
            }
        )
    )

    assert result.verdict is Verdict.WRONG_ANSWER
    assert result.tests[0].value


async def test_stop_on_failure_skips_by_place_though_tests_of_two_kinds_run(judge: Judge):
    source = "def f():\n    return 1\nif __name__ == '__main__':\n    print('ok')\n"
    right, wrong = ({"kind": "stdio", "stdin": "", "expected_stdout": out} for out in ("ok", "no"))
    call = {"kind": "call", "function": "f", "args": [], "expected": 1}
    false = {"kind": "assert", "code": "assert f() == 2"}
    expected = {
        "P W K": [right, false, right],
        "W K K": [wrong, call, call],
        "P P W K": [call, right, {**call, "expected": 2}, right],
        "P W K K": [right, wrong, false, call],
    }
    letters = {"passed": "P", "wrong_answer": "W", "skipped": "K"}

    for row, tests in expected.items():
        result = await judge.judge(
            Submission.model_validate({"source": source, "tests": tests, "stop_on_failure": True})
        )

        assert " ".join(letters[test.verdict] for test in result.tests) == row
