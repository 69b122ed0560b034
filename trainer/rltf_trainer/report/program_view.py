"""Shows a completion as HTML: program, line numbers, the line that failed, the tokens at fault.

Lines are counted as Python counts them: they end with LF, CRLF or CR and with nothing else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rltf_trainer.report.markup import clipped, safe
from rltf_trainer.report.run_data import Sample

MAX_CHARACTERS: Final = 12_000  # of a completion; a page with some dozen stays small
_LEAD_IN: Final = 1_500  # characters shown before a program that begins late
_MAX_MESSAGE: Final = 300
_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
_SYNTAX: Final = re.compile(
    r"""(?P<comment>\#[^\r\n]*)
    |(?P<string>\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*(?:\"\"\")?|'''(?:[^'\\]|\\.|'(?!''))*(?:''')?
       |"(?:[^"\\\r\n]|\\.)*"?|'(?:[^'\\\r\n]|\\.)*'?)
    |(?P<number>\b\d[\w.]*)
    |(?P<keyword>\b(?:False|None|True|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally
       |for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)\b)
    |(?P<name>(?<=\bdef\s)\w+|(?<=\bclass\s)\w+)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int  # without the line's end
    number: int | None  # in the program; None: around it


def program_view(sample: Sample) -> str:
    """Gives the HTML of a completion and what its marks mean."""
    if not sample.completion:
        return '<p class="nothing">The completion is empty.</p>'
    begin = max(0, sample.program_start - _LEAD_IN)
    end = min(len(sample.completion), begin + MAX_CHARACTERS)
    classes = _syntax_classes(sample, begin, end)
    blamed = _blamed_spans(sample)
    rows = []
    is_error_shown = False
    if begin:
        rows.append(_omission(begin, "before this"))
    for line in _lines(sample, begin, end):
        rows.append(_row(sample, line, classes, blamed, begin))
        if line.number is not None and line.number == sample.error_line:
            rows.append(_error_note(sample))
            is_error_shown = True
    if end < len(sample.completion):
        rows.append(_omission(len(sample.completion) - end, "after this"))
    whole = " all-blamed" if _is_all_blamed(sample) else ""
    return f'<div class="program{whole}">{"".join(rows)}</div>{_caption(sample, is_error_shown)}'


def _lines(sample: Sample, begin: int, end: int) -> Iterator[_Line]:
    text = sample.completion
    number = 1  # of the program line that the position lies in, once it lies in the program
    position = 0
    while position <= len(text) and position < end:
        match = _NEWLINE.search(text, position)
        line_end, following = match.span() if match else (len(text), len(text) + 1)
        # A program that ends with a newline does not own the line after it.
        in_program = position < sample.program_end and line_end >= sample.program_start
        if sample.program_start == sample.program_end:
            in_program = False
        if line_end >= begin:
            yield _Line(max(position, begin), min(line_end, end), number if in_program else None)
        if in_program and following > sample.program_start:
            number += 1
        position = following


def _row(
    sample: Sample,
    line: _Line,
    classes: list[str],
    blamed: list[tuple[int, int]],
    begin: int,
) -> str:
    kind = "around" if line.number is None else "code"
    if line.number is not None and line.number == sample.error_line:
        kind += " failed"
    shown_number = "" if line.number is None else str(line.number)
    pieces, position = [], line.start
    for start, end in blamed:
        start, end = max(start, line.start), min(end, line.end)
        if start < end and start >= position:
            pieces.append(_coloured(sample.completion, position, start, classes, begin))
            marked = _coloured(sample.completion, start, end, classes, begin)
            pieces.append(f'<mark class="token">{marked}</mark>')
            position = end
    pieces.append(_coloured(sample.completion, position, line.end, classes, begin))
    return (
        f'<div class="row {kind}"><span class="number" data-number="{shown_number}"></span>'
        f"<code>{''.join(pieces) or ' '}</code></div>"
    )


def _coloured(text: str, start: int, end: int, classes: list[str], begin: int) -> str:
    """Gives ``text[start:end]`` with runs of one syntax class in a span each."""
    pieces = []
    while start < end:
        kind, stop = classes[start - begin], start + 1
        while stop < end and classes[stop - begin] == kind:
            stop += 1
        escaped = safe(text[start:stop])
        pieces.append(f'<span class="syn-{kind}">{escaped}</span>' if kind else escaped)
        start = stop
    return "".join(pieces)


def _syntax_classes(sample: Sample, begin: int, end: int) -> list[str]:
    """Gives the syntax class of each character; empty outside the program."""
    classes = [""] * (end - begin)
    start, stop = max(begin, sample.program_start), min(end, sample.program_end)
    for match in _SYNTAX.finditer(sample.completion, start, stop):
        kind = match.lastgroup or ""
        for i in range(match.start() - begin, match.end() - begin):
            classes[i] = kind
    return classes


def _blamed_spans(sample: Sample) -> list[tuple[int, int]]:
    pairs = zip(sample.token_spans, sample.blamed, strict=False)
    return sorted(span for span, is_blamed in pairs if is_blamed)


def _is_all_blamed(sample: Sample) -> bool:
    return bool(sample.blamed) and all(sample.blamed)


def _error_text(sample: Sample) -> str:
    message = clipped(sample.error_message or "", _MAX_MESSAGE)
    return ": ".join(part for part in (sample.error_type, message) if part)


def _error_note(sample: Sample) -> str:
    text = safe(_error_text(sample) or "the error was raised here")
    return (
        '<div class="row note"><span class="number"></span>'
        f'<span class="error-text">{text}</span></div>'
    )


def _omission(num_characters: int, where: str) -> str:
    return (
        '<div class="row around"><span class="number"></span>'
        f"<code>… {num_characters:,} characters {where} are not shown</code></div>"
    )


def _caption(sample: Sample, is_error_shown: bool) -> str:
    facts = []
    if sample.program_start == sample.program_end:
        facts.append("no program was found in this completion")
    if _error_text(sample) and not is_error_shown:
        where = "without a line" if sample.error_line is None else f"on line {sample.error_line}"
        facts.append(f"error {where}: {_error_text(sample)}")
    num_blamed = sum(sample.blamed)
    if _is_all_blamed(sample):
        facts.append(f"all {len(sample.blamed):,} tokens at fault")
    elif num_blamed:
        facts.append(f"{num_blamed:,} of {len(sample.blamed):,} tokens at fault (marked)")
    return f'<p class="caption">{safe("; ".join(facts))}</p>' if facts else ""
