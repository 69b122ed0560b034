"""Lines to tokens: which tokens a verdict is about, and what that costs them.

The chain is completion -> program span -> line -> tokens that overlap it, by character offsets and
never by searching text. Which characters a token stands for is the business of ``spans``; what an
error is blamed on, that of ``feedback``.
"""

import io
import tokenize
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Final

from rltf_executor.schema import ExecutionResult, Verdict
from rltf_trainer.feedback import LINE_END, FineCategory
from rltf_trainer.spans import Span, decode_completion, token_spans

__all__ = [
    "FINE_PENALTY",
    "FineScale",
    "Span",
    "blamed_tokens",
    "decode_completion",
    "executed_lines",
    "executed_token_mask",
    "fine_penalties",
    "line_token_mask",
    "program_line_spans",
    "token_spans",
]

FINE_PENALTY: Final = -0.3
"""R_fine of arXiv 2307.04349, Eq. 4."""


class FineScale(StrEnum):
    """How the penalty of a line is spread over its tokens."""

    PAPER = "paper"  # alpha = tokens of the completion / tokens at fault, Eq. 9
    CODE = "code"  # what the authors' released code computes: its alpha is always 1
    NONE = "none"  # no alpha


def program_line_spans(completion: str, program_start: int, program_end: int) -> list[Span]:
    r"""Find the lines of the program as Python counts them, each with its line end.

    Only \n, \r\n and \r end a line. A line end belongs to its line because where a line stops can
    be the very mistake, as after ``def f(x)``.

    Returns:
        Spans in ``completion``; entry i is line i + 1.

    Raises:
        ValueError: The program does not lie in the completion.
    """
    if not 0 <= program_start <= program_end <= len(completion):
        raise ValueError(
            f"program span {program_start}..{program_end} is not in a completion "
            f"of {len(completion)} characters"
        )
    ends = [match.end() for match in LINE_END.finditer(completion, program_start, program_end)]
    if (ends[-1] if ends else program_start) < program_end:
        ends.append(program_end)
    return list(pairwise([program_start, *ends]))


def line_token_mask(
    spans: Sequence[Span],
    completion: str,
    program_start: int,
    program_end: int,
    lines: Collection[int],
) -> list[bool]:
    """Mark the tokens that overlap some lines of the program.

    Args:
        spans: Characters of each token, from ``token_spans``.
        completion: The text the spans are in.
        program_start: First character of the program.
        program_end: One past its last character.
        lines: 1-based lines of the program; those it does not have are nowhere.

    Returns:
        One entry a token; True = it overlaps one of the lines.
    """
    line_spans = program_line_spans(completion, program_start, program_end)
    wanted = [line_spans[line - 1] for line in set(lines) if 1 <= line <= len(line_spans)]
    return _overlap_mask(spans, wanted, len(completion))


def _overlap_mask(spans: Sequence[Span], ranges: Iterable[Span], num_characters: int) -> list[bool]:
    is_inside = bytearray(num_characters)
    for start, end in ranges:
        is_inside[start:end] = b"\x01" * (end - start)
    return [is_inside.find(1, start, end) >= 0 for start, end in spans]


def blamed_tokens(
    category: FineCategory,
    lines: Collection[int],
    spans: Sequence[Span],
    completion: str,
    program_start: int,
    program_end: int,
) -> list[bool]:
    """Mark the tokens at fault.

    None for ``ignore``; all for ``global``, those outside the program too; the lines' for ``line``.
    """
    if category is FineCategory.LINE:
        return line_token_mask(spans, completion, program_start, program_end, lines)
    return [category is FineCategory.GLOBAL] * len(spans)


def fine_penalties(
    mask: Sequence[bool],
    *,
    penalty: float = FINE_PENALTY,
    scale: FineScale = FineScale.PAPER,
) -> list[float]:
    """Spread the penalty over the tokens at fault: alpha * R_fine of arXiv 2307.04349, Eq. 9.

    With ``paper`` each gets penalty * tokens / tokens at fault, so that a loss which averages over
    the completion's tokens feels the same penalty however short the line and however long the
    program.

    Args:
        mask: One entry a token of the completion; True = at fault.
        penalty: Below 0.
        scale: See ``FineScale``.

    Returns:
        What to add to each token's advantage; 0 for those not at fault.
    """
    num_faulty = sum(mask)
    if num_faulty == 0:
        return [0.0] * len(mask)
    alpha = len(mask) / num_faulty if scale is FineScale.PAPER else 1.0
    return [penalty * alpha if is_faulty else 0.0 for is_faulty in mask]


def executed_lines(result: ExecutionResult) -> frozenset[int] | None:
    """Gives the lines any test executed; None where that is not known of every test that ran.

    A test that was killed may not have reported its lines, and those may be the ones that matter.
    """
    reports = [test.executed_lines for test in result.tests if test.verdict is not Verdict.SKIPPED]
    known = [report for report in reports if report is not None]
    if not known or len(known) < len(reports):
        return None
    return frozenset().union(*known)


def executed_token_mask(
    spans: Sequence[Span],
    completion: str,
    program_start: int,
    program_end: int,
    executed: Collection[int] | None,
) -> list[bool]:
    """Mark the tokens that may take part when code no test reached must not.

    This is the fine-grained optimization of StepCoder (arXiv 2402.01391).


    Only statements that could have run and did not are left out. Text outside the program, blank
    lines, comments, docstrings, and lines Python has no instruction for (``else:``, ``try:``,
    ``finally:``, ``global``) stay. A statement over several lines ran if any of them did. If
    nothing ran (the program does not compile) or nothing is known, everything stays.

    Args:
        spans: Characters of each token, from ``token_spans``.
        completion: The text the spans are in.
        program_start: First character of the program.
        program_end: One past its last character.
        executed: 1-based lines that some test executed, from ``executed_lines``.

    Returns:
        One entry a token; False = all it stands for is code that no test executed.
    """
    line_spans = program_line_spans(completion, program_start, program_end)
    if not executed:
        return [True] * len(spans)
    unreached = {
        line
        for statement in _statements(completion[program_start:program_end])
        if not any(line in executed for line in statement)
        for line in statement
    }
    kept = [span for line, span in enumerate(line_spans, start=1) if line not in unreached]
    kept += [(0, program_start), (program_end, len(completion))]
    is_kept = _overlap_mask(spans, kept, len(completion))
    is_unreached = line_token_mask(spans, completion, program_start, program_end, unreached)
    return [keep or not drop for keep, drop in zip(is_kept, is_unreached, strict=True)]


def _statements(source: str) -> list[range]:
    """Find the lines of each statement with instructions; none if tokenising fails.

    Only Python's tokeniser is used: parsing what a policy wrote can exhaust the parser's stack.
    """
    statements: list[range] = []
    words: list[tokenize.TokenInfo] = []
    readline = io.StringIO("\n".join(LINE_END.split(source))).readline
    try:
        for token in tokenize.generate_tokens(readline):
            if token.type == tokenize.NEWLINE:
                if words and not _is_without_instructions(words):
                    statements.append(range(words[0].start[0], words[-1].end[0] + 1))
                words = []
            elif token.type not in _LAYOUT:
                words.append(token)
    except (tokenize.TokenError, SyntaxError):
        return []
    return statements


_LAYOUT: Final = frozenset(
    {
        tokenize.NL,
        tokenize.COMMENT,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
        tokenize.ENCODING,
    }
)


def _is_without_instructions(words: Sequence[tokenize.TokenInfo]) -> bool:
    if all(word.type == tokenize.STRING for word in words):
        return True
    if words[0].string in ("global", "nonlocal"):
        return True
    return [word.string for word in words[1:]] == [":"] and words[0].string in (
        "else",
        "try",
        "finally",
    )
