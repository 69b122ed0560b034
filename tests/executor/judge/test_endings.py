import signal

import pytest

from rltf_executor.judge.endings import judge_ending
from rltf_executor.judge.sources import SourceText
from rltf_executor.sandbox.base import CodeFrame, Fault, LimitHit, Outcome, Phase, Report
from rltf_executor.schema import Limits, Verdict

SOURCE = SourceText("import os\ndef f():\n    os.abort()\nf()\n")
LIMITS = Limits(wall_s=2, cpu_s=0.5, memory_mb=64, output_kb=8, total_s=30)
STACK = (CodeFrame(function="<module>", line=4), CodeFrame(function="f", line=3))


def ending_of(is_probe: bool = False, phase: Phase = Phase.TEST, **fields: object):
    outcome = Outcome(index=0, phase=phase, **fields)  # type: ignore[arg-type]
    return judge_ending(outcome, is_probe=is_probe, limits=LIMITS, source=SOURCE)


def fault(kind: str, errno: int | None = None) -> Report:
    is_memory_error = kind == "MemoryError"
    return Report(
        fault=Fault(
            type=kind, message="m", frames=STACK, errno=errno, is_memory_error=is_memory_error
        )
    )


@pytest.mark.parametrize(
    ("hit", "verdict", "error_type", "message"),
    [
        (LimitHit.WALL, Verdict.TIMEOUT, "TimeoutError", "wall time limit of 2 s exceeded"),
        (LimitHit.CPU, Verdict.TIMEOUT, "TimeoutError", "CPU time limit of 0.5 s exceeded"),
        (
            LimitHit.TOTAL,
            Verdict.TIMEOUT,
            "TimeoutError",
            "time limit of 30 s for the whole submission exceeded",
        ),
        (LimitHit.MEMORY, Verdict.MEMORY_LIMIT, "MemoryError", "memory limit of 64 MiB exceeded"),
        (
            LimitHit.OUTPUT,
            Verdict.OUTPUT_LIMIT,
            "OutputLimitError",
            "output limit of 8 KiB exceeded",
        ),
    ],
)
def test_limits_have_their_verdict_and_the_line_that_was_running(
    hit: LimitHit, verdict: Verdict, error_type: str, message: str
):
    ending = ending_of(limit_hit=hit, stack=STACK)

    assert ending is not None
    assert ending.verdict is verdict
    assert ending.error is not None
    assert (ending.error.type, ending.error.message) == (error_type, message)
    assert ending.error.line == 3
    assert ending.error.source_line == "    os.abort()"


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (fault("ValueError"), Verdict.RUNTIME_ERROR),
        (fault("MemoryError"), Verdict.MEMORY_LIMIT),
        (fault("PermissionError", 1), Verdict.SECURITY_VIOLATION),
        (fault("PermissionError", 13), Verdict.RUNTIME_ERROR),
        (fault("AssertionError"), Verdict.RUNTIME_ERROR),
    ],
)
@pytest.mark.parametrize("is_probe", [True, False])
def test_uncaught_exceptions(report: Report, verdict: Verdict, is_probe: bool):
    ending = ending_of(is_probe, report=report, exit_code=None if is_probe else 1)

    assert ending is not None
    assert ending.verdict is verdict
    assert ending.error is not None
    assert (ending.error.type, ending.error.line) == (report.fault.type, 3)  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["SyntaxError", "IndentationError", "MemoryError", "ValueError"])
def test_whatever_stops_the_compiler_is_a_syntax_error(kind: str):
    ending = ending_of(phase=Phase.COMPILE, report=fault(kind), exit_code=1)

    assert ending is not None
    assert ending.verdict is Verdict.SYNTAX_ERROR
    assert ending.error is not None
    assert ending.error.type == kind


@pytest.mark.parametrize(
    ("number", "verdict", "name"),
    [
        (signal.SIGSEGV, Verdict.RUNTIME_ERROR, "SIGSEGV"),
        (signal.SIGKILL, Verdict.RUNTIME_ERROR, "SIGKILL"),
        (signal.SIGSYS, Verdict.SECURITY_VIOLATION, "SIGSYS"),
        (63, Verdict.RUNTIME_ERROR, "SIG63"),
        (200, Verdict.RUNTIME_ERROR, "SIG200"),
    ],
)
def test_signals(number: int, verdict: Verdict, name: str):
    ending = ending_of(signal=number, stack=STACK)

    assert ending is not None
    assert ending.verdict is verdict
    assert ending.error is not None
    assert ending.error.type == name
    assert ending.error.line == 3


def test_a_script_that_exits_with_zero_is_judged_by_its_output():
    assert ending_of(exit_code=0) is None


def test_a_script_that_exits_with_another_code_has_failed():
    ending = ending_of(exit_code=3)

    assert ending is not None
    assert ending.verdict is Verdict.RUNTIME_ERROR
    assert ending.error is not None
    assert (ending.error.type, ending.error.message) == ("SystemExit", "3")
    assert ending.flags == ()


def test_a_probe_whose_process_is_gone_never_passes():
    ending = ending_of(is_probe=True, exit_code=0, report=Report(values=(3,)))

    assert ending is not None
    assert ending.verdict is Verdict.RUNTIME_ERROR
    assert ending.flags == ("early_exit",)
    assert ending.error is not None
    assert ending.error.type == "SystemExit"


def test_a_forged_report_is_a_security_violation_whatever_else_it_says():
    ending = ending_of(tampered=True, exit_code=0, report=fault("ValueError"))

    assert ending is not None
    assert ending.verdict is Verdict.SECURITY_VIOLATION


def test_a_probe_that_answered_is_judged_by_its_answer():
    assert ending_of(is_probe=True, report=Report(values=(3,))) is None
