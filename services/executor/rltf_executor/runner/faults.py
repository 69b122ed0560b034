"""Uncaught exceptions as data: type, message, and the frames that lie in the program."""

from types import TracebackType
from typing import Any

Position = list[Any]  # function, line, end line, column, end column

PROGRAM = "/tmp/work/main.py"
MAX_FRAMES = 32
MAX_MESSAGE = 4000

_type_name = type.__dict__["__name__"].__get__


def _message(error: BaseException) -> str:
    try:
        text = str(error)
        return text[:MAX_MESSAGE] if type(text) is str else ""
    except BaseException:  # the program wrote this __str__
        return ""


def _byte_column(line_bytes: bytes, offset: int) -> int:
    """Turn a compiler's 1-based character offset into a 0-based offset in bytes."""
    text = line_bytes.decode("utf-8", "replace")
    return len(text[: max(offset - 1, 0)].encode("utf-8"))


def _syntax_frame(error: SyntaxError, source: bytes) -> list[Position]:
    line = error.lineno
    if type(line) is not int or line < 1:
        return []
    lines = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")

    def column(number: object, offset: object) -> int | None:
        if (
            type(offset) is not int
            or offset < 1
            or type(number) is not int
            or not 1 <= number <= len(lines)
        ):
            return None
        return _byte_column(lines[number - 1], offset)

    end_line = (
        error.end_lineno if type(error.end_lineno) is int and error.end_lineno >= line else None
    )
    end_column = column(end_line, error.end_offset) if end_line else None
    return [["<module>", line, end_line, column(line, error.offset), end_column]]


def describe_syntax(error: BaseException, source: bytes) -> dict[str, Any]:
    """Describe an exception of ``compile`` on the bytes ``source``.

    Its frame is the compiler's own position.
    """
    message = (
        error.msg if isinstance(error, SyntaxError) and type(error.msg) is str else _message(error)
    )
    frames = _syntax_frame(error, source) if isinstance(error, SyntaxError) else []
    return {
        "type": _type_name(type(error)),
        "message": message[:MAX_MESSAGE],
        "frames": frames,
        "errno": None,
    }


def _position(traceback: TracebackType) -> Position:
    code = traceback.tb_frame.f_code
    line = traceback.tb_lineno
    try:
        positions = iter(code.co_positions())
        for _ in range(traceback.tb_lasti // 2):
            next(positions)
        start, end, column, end_column = next(positions)
    except (StopIteration, AttributeError):
        return [code.co_name, line, None, None, None]
    if start != line:
        return [code.co_name, line, None, None, None]
    return [code.co_name, line, end, column, end_column]


def describe(error: BaseException, *, filename: str = PROGRAM) -> dict[str, Any]:
    """Describe an uncaught exception; ``frames`` are those in ``filename``, outermost first.

    Of more than ``MAX_FRAMES`` the first and the last ones are kept: a recursion's entry and its
    end.
    """
    found = []
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == filename:
            found.append(traceback)
        traceback = traceback.tb_next
    if len(found) > MAX_FRAMES:
        half = MAX_FRAMES // 2
        found = found[:half] + found[-half:]
    errno = error.errno if isinstance(error, OSError) else None
    return {
        "type": _type_name(type(error)),
        "message": _message(error),
        "frames": [_position(entry) for entry in found],
        "errno": errno if type(errno) is int else None,
    }
