"""Completion to program, as one span of its characters: an error line leads back to tokens.

Nothing is added, removed, dedented or converted inside the span: the executor runs what the policy
wrote.

The rules, for every kind of answer:

* A fence is a line of three or more backticks or tildes, indented or not. A Python fence may also
  follow prose on its line. It is closed by a line of at least as many of the same character, and so
  it is by one that names a language, which opens the next block.
* Where the prompt opened the fence, the program is everything up to the first line of backticks. A
  completion that opens a fence once more at its very start is read from there.
* Otherwise the best block is the program: closed before unclosed (a truncated completion); named
  Python before unnamed before another language; with a ``def`` or ``class`` before without (an
  example of use); the later of equals.
* Without any block the whole completion is the program, less blank lines at its ends and all from a
  stray fence on.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_PYTHON_NAMES: Final = frozenset({"python", "python3", "py", "py3", "python2", "pycon", "ipython"})
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_FENCE: Final = re.compile(r"[ \t]*(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`\r\n]*)")
_INLINE_FENCE: Final = re.compile(
    r"[^`]*(?P<mark>`{3,})[ \t]*(?P<info>python3?|py)[ \t]*", re.IGNORECASE
)
_DEFINITION: Final = re.compile(r"^[ \t]*(?:async[ \t]+def|def|class)[ \t]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Extraction:
    """A program and its place: ``source == completion[start:end]``, character for character."""

    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int  # past the line break
    text: str  # without the line break


@dataclass(frozen=True, slots=True)
class _Fence:
    mark: str
    language: str  # first word of what follows the mark, lower case

    def closes(self, opening: "_Fence") -> bool:
        return not self.language and self.mark.startswith(opening.mark)


@dataclass(frozen=True, slots=True)
class _Block:
    start: int
    end: int
    language: str
    is_closed: bool


def extract_program(completion: str, *, opens_fence: bool) -> Extraction:
    """Gives the program in a completion; an empty one where there is none.

    Args:
        completion: What the policy wrote, special tokens left out.
        opens_fence: True if the prompt ended inside a Python fence of three backticks.
    """
    lines = [
        _Line(match.start(), match.end(), match[0].rstrip("\r\n"))
        for match in _LINE.finditer(completion)
        if match[0]
    ]
    start, end = _open_span(completion, lines) if opens_fence else _best_span(completion, lines)
    return Extraction(completion[start:end], start, end)


def _open_span(completion: str, lines: Sequence[_Line]) -> tuple[int, int]:
    """Gives the span of a program that begins with the completion."""
    first = next((number for number, line in enumerate(lines) if line.text.strip()), None)
    opening = _Fence("```", "python")
    if first is None:
        return 0, 0
    begin = 0
    fence = _fence(lines[first].text)
    if fence is not None:  # opened again, or closed at once and perhaps opened properly after that
        if not fence.language:
            blocks = _blocks(completion, lines[first + 1 :])
            return _span(_best(completion, blocks)) if blocks else (0, 0)
        opening, begin = fence, first + 1
    start = lines[begin].start if begin < len(lines) else len(completion)
    for line in lines[begin:]:
        fence = _fence(line.text)
        if fence is not None and fence.mark.startswith(opening.mark):
            return start, line.start
    return start, _unclosed_end(completion, start)


def _best_span(completion: str, lines: Sequence[_Line]) -> tuple[int, int]:
    blocks = _blocks(completion, lines)
    if blocks:
        return _span(_best(completion, blocks))
    stop = next((line.start for line in lines if _fence(line.text)), len(completion))
    code = [line for line in lines if line.end <= stop and line.text.strip()]
    if not code:
        return 0, 0
    last = code[-1]
    return code[0].start, _unclosed_end(completion[: last.end], code[0].start)


def _blocks(completion: str, lines: Sequence[_Line]) -> list[_Block]:
    """Gives the fenced blocks that hold more than white space, in order."""
    blocks = []
    opening: _Fence | None = None
    start = len(completion)
    for line in lines:
        fence = _fence(line.text) if opening else _opening(line.text)
        if fence is None:
            continue
        if opening is not None and fence.mark.startswith(opening.mark):
            blocks.append(_Block(start, line.start, opening.language, is_closed=True))
        if opening is None or (fence.language and fence.mark.startswith(opening.mark)):
            opening, start = fence, line.end
        elif fence.closes(opening):
            opening = None
    if opening is not None:
        end = _unclosed_end(completion, start)
        blocks.append(_Block(start, end, opening.language, is_closed=False))
    return [block for block in blocks if completion[block.start : block.end].strip()]


def _best(completion: str, blocks: Sequence[_Block]) -> _Block:
    def rank(numbered: tuple[int, _Block]) -> tuple[bool, int, bool, int]:
        number, block = numbered
        kind = 2 if block.language in _PYTHON_NAMES else 0 if block.language else 1
        defines = _DEFINITION.search(completion, block.start, block.end) is not None
        return block.is_closed, kind, defines, number

    return max(enumerate(blocks), key=rank)[1]


def _span(block: _Block) -> tuple[int, int]:
    return block.start, block.end


def _fence(text: str) -> _Fence | None:
    """Reads a line as a fence, None if it is none."""
    match = _FENCE.fullmatch(text)
    if match is None:
        return None
    words = re.split(r"[^\w+#-]+", match["info"].lower().lstrip(" {."), maxsplit=1)
    return _Fence(match["mark"], words[0])


def _opening(text: str) -> _Fence | None:
    """Reads a line as a fence that opens a block; one named Python may stand behind prose."""
    inline = _INLINE_FENCE.fullmatch(text)
    return _fence(text) or (inline and _Fence(inline["mark"], inline["info"].lower()))


def _unclosed_end(completion: str, start: int) -> int:
    """Gives the end of a block that no line closes.

    Small models put the closing fence behind the last statement.
    """
    stripped = completion.rstrip()
    if not stripped.endswith("```"):
        return len(completion)
    return max(start, len(stripped.rstrip("`")))
