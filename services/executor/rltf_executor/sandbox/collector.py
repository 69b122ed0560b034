"""Puts the frames of one run together into outcomes, and checks that their order makes sense."""

import re
from collections.abc import Callable
from dataclasses import replace

from pydantic import JsonValue

from rltf_executor.sandbox import frames
from rltf_executor.sandbox.base import CodeFrame, LimitHit, Outcome, Phase, Plan, Probe, Report
from rltf_executor.sandbox.frames import ProtocolError

_STACK_LINE = re.compile(
    rb'^  File "/tmp/work/main\.py", line (\d{1,9}) in (.{1,200})$', re.MULTILINE
)
_MAX_STACK = 64


def parse_stack(text: bytes) -> tuple[CodeFrame, ...]:
    """Read the interpreter's own dump of where it was; innermost last."""
    found = [
        CodeFrame(function=match[2].decode("utf-8", "replace"), line=int(match[1]))
        for match in _STACK_LINE.finditer(text[:65536])
    ]
    return tuple(reversed(found[:_MAX_STACK]))


class Collector:
    """Outcomes of one plan; ``proceed`` sees each once, probes first."""

    def __init__(
        self, plan: Plan, proceed: Callable[[Outcome], bool], send_word: Callable[[str], None]
    ) -> None:
        """Start collecting.

        Args:
            plan: What runs.
            proceed: Judges an outcome; False means that no further test is wanted.
            send_word: Tells a stepwise runner ``go`` or ``stop``.
        """
        self.finished = False
        self.condemned: str | None = None
        self.setup_failed = False
        self._plan = plan
        self._proceed = proceed
        self._send_word = send_word
        probes = [index for index, test in enumerate(plan.tests) if isinstance(test, Probe)]
        stdio = [index for index, test in enumerate(plan.tests) if not isinstance(test, Probe)]
        self._order = probes + stdio
        self._num_probes = len(probes)
        self._position = 0
        self._stopped = False
        self._output_bytes = plan.limits.output_kb * 1024
        self._clear()

    @property
    def gave_up(self) -> bool:
        """Whether the runner ended in doubt with tests left that were still wanted."""
        return self.condemned is not None and self.running is not None and not self._stopped

    @property
    def running(self) -> int | None:
        """Index of the test that has no outcome yet and is next, None when all have one."""
        return self._order[self._position] if self._position < len(self._order) else None

    def _clear(self) -> None:
        self._parts = bytearray()
        self._stdout = bytearray()
        self._stderr = bytearray()
        self._last_words: tuple[Report, tuple[float, float, int]] | None = None
        self._forged = False
        self._stack: tuple[CodeFrame, ...] = ()

    def frame(self, kind: int, index: int, payload: bytes) -> None:
        """Take one frame.

        Raises:
            ProtocolError: It cannot come now.
        """
        if self.finished:
            raise ProtocolError(f"frame of kind {kind} after the end")
        if kind == frames.DONE:
            self._end(frames.decode_own(payload))
            return
        if index != self.running:
            raise ProtocolError(f"frame for test {index} while {self.running} runs")
        if kind in (frames.STDOUT, frames.STDERR):
            output = self._stdout if kind == frames.STDOUT else self._stderr
            if len(output) + len(payload) > self._output_bytes:
                raise ProtocolError("more output than the limit")
            output += payload
        elif kind == frames.REPORT_PART:
            if len(self._parts) + len(payload) > frames.MAX_FRAME:
                raise ProtocolError("report too long")
            self._parts += payload
        elif kind == frames.REPORT:
            self._take_report(payload)
            self._hand_over(self._reported(index))
        elif kind == frames.LAST_WORDS:
            self._take_report(payload)
        elif kind == frames.STACK:
            self._stack = parse_stack(payload)
        elif kind == frames.OUTCOME:
            self._take_outcome(index, frames.decode_own(payload))
        else:
            raise ProtocolError(f"frame of kind {kind} during a run")

    def _end(self, data: dict[str, JsonValue]) -> None:
        reason = data.get("condemned")
        if isinstance(reason, str):
            self.condemned = reason
        self.setup_failed = reason == "setup"
        self.finished = True

    def _take_report(self, payload: bytes) -> None:
        self._parts += payload
        try:
            self._last_words = frames.decode_report(bytes(self._parts))
        except ValueError:
            self._forged = True
            self.condemned = "forged report"
        self._parts = bytearray()

    def _reported(self, index: int) -> Outcome:
        if self._last_words is None or self._forged:
            return Outcome(index=index, phase=Phase.TEST, tampered=True, flags=("forged_report",))
        report, (wall_ms, cpu_ms, memory_kb) = self._last_words
        return Outcome(
            index=index,
            phase=Phase.TEST,
            report=report,
            stdout=bytes(self._stdout),
            stderr=bytes(self._stderr),
            wall_ms=min(wall_ms, self._plan.limits.total_s * 1000),
            cpu_ms=cpu_ms,
            memory_kb=memory_kb,
        )

    def _take_outcome(self, index: int, data: dict[str, JsonValue]) -> None:
        limit, phase = data.get("limit"), Phase(str(data.get("phase", "test")))
        flags = data.get("flags")
        tampered = data.get("tampered") is True or self._forged
        ended = not tampered and not limit
        outcome = Outcome(
            index=index,
            phase=phase,
            report=self._last_words[0] if self._last_words and not self._forged else None,
            exit_code=_integer(data.get("exit")) if ended else None,
            signal=_integer(data.get("signal")) if ended else None,
            limit_hit=LimitHit(str(limit)) if limit and not tampered else None,
            tampered=tampered,
            stdout=bytes(self._stdout),
            stderr=bytes(self._stderr),
            wall_ms=_float(data.get("wall_ms")),
            cpu_ms=_float(data.get("cpu_ms")),
            memory_kb=_integer(data.get("memory_kb")) or 0,
            stack=self._stack,
            flags=tuple(str(flag) for flag in flags) if isinstance(flags, list) else (),
        )
        if data.get("tampered") is True or phase is Phase.COMPILE:  # the runner runs nothing more
            self._hand_over(outcome, until=len(self._order))
        elif phase is Phase.TEST:
            self._hand_over(outcome)
        else:
            self._hand_over(outcome, until=self._num_probes)

    def _hand_over(self, outcome: Outcome, until: int = 0) -> None:
        """Give ``outcome`` for the running test and for all later ones before ``until``."""
        self._clear()
        last = max(until, self._position + 1)
        for position in range(self._position, last):
            self._position = position + 1
            index = self._order[position]
            own = outcome if index == outcome.index else replace(outcome, index=index)
            if not self._stopped and not self._proceed(own):
                self._stopped = True
        if self._plan.stepwise and self._position < len(self._order):
            self._send_word("stop" if self._stopped else "go")


def _integer(value: JsonValue) -> int | None:
    return value if type(value) is int else None


def _float(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
