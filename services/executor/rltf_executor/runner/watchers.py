"""What the child notes about a program while it runs: lines executed, signs of cheating.

A flag decides nothing. It is written down next to the program and a determined one can avoid it.
"""

import builtins
import sys
from types import CodeType
from typing import Any

from .pristine import BUILTINS

globals()["__builtins__"] = BUILTINS  # the program may patch its own

_FRAME_EVENTS = frozenset(("sys._getframe", "sys._current_frames"))
_HEAP_EVENTS = frozenset(("gc.get_objects", "gc.get_referrers", "gc.get_referents"))
_WATCHED_BUILTINS = dict(vars(builtins))


class Watchers:
    """Coverage and flags of one program."""

    def __init__(self, filename: str, *, coverage: bool) -> None:
        self._filename = filename
        self._coverage = coverage and sys.version_info >= (3, 12)
        self._lines: set[int] = set()
        self._flags: set[str] = set()
        self._inside = False

    def start(self) -> None:
        """Watch from here on; there is no way to take an audit hook back."""
        sys.addaudithook(self._audit)
        if self._coverage:
            monitoring = _monitoring()
            monitoring.use_tool_id(monitoring.COVERAGE_ID, "rltf")
            monitoring.register_callback(monitoring.COVERAGE_ID, monitoring.events.LINE, self._line)
            monitoring.set_events(monitoring.COVERAGE_ID, monitoring.events.LINE)

    def observed(self) -> dict[str, Any]:
        """Flags so far, and the lines executed since the last call.

        None where Python cannot tell.
        """
        if any(
            builtins.__dict__.get(name) is not value
            for name, value in _WATCHED_BUILTINS.items()
            if name != "_"
        ):
            self._flags.add("patched_builtins")
        lines = None
        if self._coverage:
            lines = sorted(self._lines)
            self._lines.clear()
            _monitoring().restart_events()
        return {"flags": sorted(self._flags), "lines": lines}

    def _line(self, code: CodeType, line: int) -> object:
        if code.co_filename == self._filename:
            self._lines.add(line)
        return _monitoring().DISABLE

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._inside:
            return
        if event in _FRAME_EVENTS or (
            event == "object.__getattr__" and arguments[1:] == ("tb_frame",)
        ):
            flag = "frame_walk"
        elif event in _HEAP_EVENTS:
            flag = "heap_walk"
        else:
            return
        self._inside = True
        try:
            if sys._getframe(1).f_code.co_filename == self._filename:
                self._flags.add(flag)
        finally:
            self._inside = False


def _monitoring() -> Any:
    """``sys.monitoring``, which Python 3.11 has not."""
    return vars(sys)["monitoring"]
