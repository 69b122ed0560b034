"""Faults reported from inside as errors of a result: bounded, printable, on lines that exist."""

import re
from collections.abc import Sequence
from typing import Final

from rltf_executor.judge.sources import SourceText, printable
from rltf_executor.sandbox.base import CodeFrame, Fault
from rltf_executor.schema import ErrorInfo, Frame

MAX_MESSAGE_CHARS: Final = 2000
MAX_NAME_CHARS: Final = 200
MAX_FRAMES: Final = 32

_NAME: Final = re.compile(r"[^\x00-\x1f\x7f]+")


def describe(fault: Fault, source: SourceText) -> ErrorInfo:
    """Gives the error of an uncaught exception, at the deepest frame in the program."""
    return describe_at(fault.type, fault.message, fault.frames, source)


def describe_at(
    kind: str, message: str, frames: Sequence[CodeFrame], source: SourceText
) -> ErrorInfo:
    """Gives an error of type ``kind``, placed at the last of ``frames``.

    Args:
        kind: Name of the exception or signal.
        message: What it says.
        frames: The program's own, innermost last; those whose line cannot be in the source are left
            out.
        source: The program.
    """
    # The compiler may point just past the last line, at the end of the file.
    own = [frame for frame in frames if 1 <= frame.line <= source.num_lines + 1]
    shown = own if len(own) <= MAX_FRAMES else own[: MAX_FRAMES // 2] + own[-MAX_FRAMES // 2 :]
    last = own[-1] if own else None
    where = _position(last, source) if last else {}
    return ErrorInfo(
        type=_name(kind),
        message=_shortened(message),
        line=last.line if last else None,
        **where,
        source_line=source.line(last.line) if last else None,
        frames=[Frame(function=_name(frame.function), line=frame.line) for frame in shown],
    )


def _position(frame: CodeFrame, source: SourceText) -> dict[str, int | None]:
    end_line = frame.end_line
    if end_line is not None and not frame.line <= end_line <= source.num_lines + 1:
        end_line = None
    column = source.column(frame.line, frame.column)
    end_column = source.column(end_line, frame.end_column) if end_line is not None else None
    return {"column": column, "end_line": end_line, "end_column": end_column}


def _name(text: str) -> str:
    return printable("".join(_NAME.findall(text))[:MAX_NAME_CHARS])


def _shortened(text: str) -> str:
    if len(text) > MAX_MESSAGE_CHARS:
        text = text[: MAX_MESSAGE_CHARS - 1] + "…"
    return printable(text)
