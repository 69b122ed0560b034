"""Uncaught exceptions as data: type, message, and the frames that lie in the program."""

from types import TracebackType
from typing import Any

from .pristine import BUILTINS

globals()["__builtins__"] = BUILTINS  # the program may patch its own

Position = list[Any]  # function, line, end line, column, end column

PROGRAM = "/tmp/work/main.py"
MAX_FRAMES = 32
MAX_MESSAGE = 4000

_OURS = frozenset(("<prelude>", "<setup>", "<test>"))
_type_name = type.__dict__["__name__"].__get__
# A program's exception can say what it likes of its attributes; these are read past it.
traceback_of = BaseException.__dict__["__traceback__"].__get__
_errno_of = OSError.__dict__["errno"].__get__


def _message(error: BaseException) -> str:
    try:
        return str.__getitem__(str(error), slice(MAX_MESSAGE))  # whatever class of text it is
    except BaseException:  # the program wrote this __str__
        return "<exception str() failed>"  # as the interpreter prints it


def _byte_column(line_bytes: bytes, offset: int) -> int:
    """Turn a compiler's 1-based character offset into a 0-based offset in bytes."""
    text = line_bytes.decode("utf-8", "replace")
    return len(text[: max(offset - 1, 0)].encode("utf-8"))


def _syntax_frame(error: SyntaxError, source: bytes) -> list[Position]:
    line = error.lineno
    if type(line) is not int or line < 1:
        return []
    text = source.removeprefix(b"\xef\xbb\xbf")  # which the compiler does not count
    lines = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")

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
        "memory": False,
        "own": True,
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
    end. ``own`` says that the program raised it, itself or in a library that it called; otherwise
    the test did, or what was set up for it.
    """
    found = []
    own = False
    traceback = traceback_of(error)
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if name == filename:
            found.append(traceback)
            own = True
        elif name in _OURS:
            own = False
        traceback = traceback.tb_next
    if len(found) > MAX_FRAMES:
        half = MAX_FRAMES // 2
        found = found[:half] + found[-half:]
    kind = type(error)
    errno = _errno_of(error) if issubclass(kind, OSError) else None
    return {
        "type": _type_name(kind),
        "message": _message(error),
        "frames": [_position(entry) for entry in found],
        "errno": errno if type(errno) is int else None,
        "memory": issubclass(kind, MemoryError),
        "own": own,
    }
