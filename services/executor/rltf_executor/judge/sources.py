"""Lines and columns of a program's source, counted as Python counts them."""

import re
from functools import cached_property
from typing import Final

MAX_LINE_CHARS: Final = 1000  # of a line that is shown

_MARK: Final = "\ufeff"  # of the byte order, where a file starts with one
_LINE_END: Final = re.compile(r"\r\n|\r|\n")  # a form feed ends no line
_UNSPEAKABLE: Final = re.compile("[\x00\ud800-\udfff]")


class SourceText:
    """A program's source; split into lines when a line is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _lines(self) -> list[str]:
        return _LINE_END.split(self._text)

    @property
    def num_lines(self) -> int:
        """Lines, an empty last one included."""
        return len(self._lines)

    def line(self, number: int) -> str | None:
        """Gives line ``number`` from 1, cut where it is very long; None if there is none."""
        if not 1 <= number <= len(self._lines):
            return None
        return printable(self._lines[number - 1][:MAX_LINE_CHARS])

    def column(self, line: int, byte_offset: int | None) -> int | None:
        """Gives the 1-based character column of a 0-based offset in a line's UTF-8 bytes."""
        if byte_offset is None or byte_offset < 0 or not 1 <= line <= len(self._lines):
            return None
        if line == 1 and self._text.startswith(_MARK):
            byte_offset += len(_MARK.encode())  # the compiler does not count it
        encoded = self._lines[line - 1].encode("utf-8", "surrogatepass")[:byte_offset]
        return len(encoded.decode("utf-8", "ignore")) + 1

    def first_unspeakable(self) -> tuple[str, int, int] | None:
        """Gives the first NUL or lone surrogate with its line and column; None if there is none."""
        found = _UNSPEAKABLE.search(self._text)
        if found is None:
            return None
        before = _LINE_END.split(self._text[: found.start()])
        return found.group(), len(before), len(before[-1]) + 1


def printable(text: str) -> str:
    """Gives ``text`` with lone surrogates written as escapes, so that it can be sent as UTF-8."""
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
