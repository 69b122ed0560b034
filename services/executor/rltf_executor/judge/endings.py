"""What the way a process ended says about its test, before any answer is looked at."""

import errno
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rltf_executor.judge.faults import describe, describe_at
from rltf_executor.judge.sources import SourceText
from rltf_executor.sandbox.base import CodeFrame, Fault, LimitHit, Outcome, Phase
from rltf_executor.schema import ErrorInfo, Limits, Verdict

EARLY_EXIT: Final = "early_exit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A verdict that no answer can change."""

    verdict: Verdict
    error: ErrorInfo | None = None
    flags: tuple[str, ...] = ()


_LIMITS: Final = MappingProxyType(
    {
        LimitHit.WALL: (Verdict.TIMEOUT, "TimeoutError", "wall time limit of {limits.wall_s:g} s"),
        LimitHit.CPU: (
            Verdict.TIMEOUT,
            "TimeoutError",
            "CPU time limit of {limits.effective_cpu_s:g} s",
        ),
        LimitHit.TOTAL: (
            Verdict.TIMEOUT,
            "TimeoutError",
            "time limit of {limits.total_s:g} s for the whole submission",
        ),
        LimitHit.MEMORY: (
            Verdict.MEMORY_LIMIT,
            "MemoryError",
            "memory limit of {limits.memory_mb} MiB",
        ),
        LimitHit.OUTPUT: (
            Verdict.OUTPUT_LIMIT,
            "OutputLimitError",
            "output limit of {limits.output_kb} KiB",
        ),
    }
)


def judge_ending(
    outcome: Outcome, *, is_probe: bool, limits: Limits, source: SourceText
) -> Ending | None:
    """Gives the verdict of a test that did not end well.

    Args:
        outcome: What happened.
        is_probe: A call or assert test, whose process lives on when all is well.
        limits: What it ran under.
        source: The program.

    Returns:
        None if nothing went wrong: the answer decides.
    """
    if outcome.tampered:
        return Ending(verdict=Verdict.SECURITY_VIOLATION, error=_tampering(), flags=("tampered",))
    fault = outcome.report.fault if outcome.report else None
    if outcome.phase is Phase.COMPILE and fault is not None:
        return Ending(verdict=Verdict.SYNTAX_ERROR, error=describe(fault, source))
    if outcome.limit_hit is not None:
        return _limit(outcome.limit_hit, outcome.stack, limits, source)
    if outcome.signal is not None:
        return _killed(outcome.signal, outcome.stack, source)
    if outcome.exit_code is not None and (is_probe or outcome.exit_code != 0):
        return _exited(outcome, fault, source, is_probe=is_probe)
    if fault is not None and is_probe:
        return uncaught(fault, source)
    return None


def uncaught(fault: Fault, source: SourceText) -> Ending:
    """Gives the verdict of an uncaught exception."""
    verdict = Verdict.RUNTIME_ERROR
    if fault.is_memory_error:
        verdict = Verdict.MEMORY_LIMIT
    elif fault.errno == errno.EPERM:
        verdict = Verdict.SECURITY_VIOLATION
    return Ending(verdict=verdict, error=describe(fault, source))


def lost(source: SourceText) -> Ending:
    """Gives the verdict of a test whose sandbox died under it, twice."""
    message = "the sandbox was lost while the program ran in it, twice"
    return Ending(
        verdict=Verdict.SECURITY_VIOLATION,
        error=describe_at("SandboxLost", message, (), source),
        flags=("sandbox_lost",),
    )


def _tampering() -> ErrorInfo:
    message = "the program interfered with the report of its own run"
    return ErrorInfo(type="Tampering", message=message)


def _limit(hit: LimitHit, stack: Sequence[CodeFrame], limits: Limits, source: SourceText) -> Ending:
    verdict, kind, what = _LIMITS[hit]
    message = what.format(limits=limits) + " exceeded"
    return Ending(verdict=verdict, error=describe_at(kind, message, stack, source))


def _killed(number: int, stack: Sequence[CodeFrame], source: SourceText) -> Ending:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"SIG{number}"
    verdict = Verdict.RUNTIME_ERROR
    if number == signal.SIGSYS:
        verdict = Verdict.SECURITY_VIOLATION
    message = signal.strsignal(number) if 0 < number < signal.NSIG else None
    error = describe_at(name, message or "killed by a signal", stack, source)
    return Ending(verdict=verdict, error=error)


def _exited(outcome: Outcome, fault: Fault | None, source: SourceText, *, is_probe: bool) -> Ending:
    flags = (EARLY_EXIT,) if is_probe and outcome.exit_code == 0 else ()
    if fault is not None:
        ending = uncaught(fault, source)
        return Ending(verdict=ending.verdict, error=ending.error, flags=flags)
    error = describe_at("SystemExit", str(outcome.exit_code), outcome.stack, source)
    return Ending(verdict=Verdict.RUNTIME_ERROR, error=error, flags=flags)
