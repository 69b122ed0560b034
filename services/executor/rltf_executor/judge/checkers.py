"""Compares what a program printed with what it should have printed, in linear time."""

import math
import re
from collections.abc import Iterator
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from itertools import zip_longest
from typing import Final

from rltf_executor.schema import Checker

MAX_NUMBER_BYTES: Final = 400  # a longer token is compared as it stands

_EXACT: Final = Context(prec=MAX_NUMBER_BYTES + 20, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
_FLOAT_DIGITS: Final = 15  # that any float tells apart
_BLANKS: Final = b" \t\r"
_TOKEN: Final = re.compile(rb"\S+")
_WORD: Final = re.compile(rb"[+-]?(?:inf(?:inity)?|nan)", re.IGNORECASE)
_NUMBER: Final = re.compile(
    rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|" + _WORD.pattern, re.IGNORECASE
)


def encode_text(text: str) -> bytes:
    """Gives the bytes of a test's text; lone surrogates as ``surrogateescape`` has them."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        pass
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def output_matches(actual: bytes, expected: bytes, checker: Checker | None) -> bool:
    """Tells whether a program's output is right.

    Args:
        actual: What it printed.
        expected: What it should have printed.
        checker: ``exact`` compares bytes; ``lines`` ignores blanks at line ends and newlines at the
            end; ``tokens`` splits on white space and, with a tolerance, compares numbers by value.
            Another kind, or none: ``lines``.
    """
    if actual == expected:
        return True
    kind = checker.kind if checker else "lines"
    if kind == "exact":
        return False
    if kind == "tokens":
        return _same_tokens(actual, expected, checker.float_tolerance if checker else None)
    return _same_lines(actual, expected)


def _same_lines(actual: bytes, expected: bytes) -> bool:
    pairs = zip_longest(_lines(actual), _lines(expected))
    return all(a == b for a, b in pairs)


def _lines(text: bytes) -> Iterator[bytes]:
    """Gives lines without blanks at their ends, up to the last that is not empty."""
    end = len(text.rstrip(_BLANKS + b"\n"))
    start = 0
    while start < end:
        stop = text.find(b"\n", start, end)
        if stop < 0:
            stop = end
        yield text[start:stop].rstrip(_BLANKS)
        start = stop + 1


def _same_tokens(actual: bytes, expected: bytes, tolerance: float | None) -> bool:
    pairs = zip_longest(_TOKEN.finditer(actual), _TOKEN.finditer(expected))
    return all(
        a is not None and b is not None and _same_token(a.group(), b.group(), tolerance)
        for a, b in pairs
    )


def _same_token(actual: bytes, expected: bytes, tolerance: float | None) -> bool:
    if actual == expected:
        return True
    if tolerance is None or max(len(actual), len(expected)) > MAX_NUMBER_BYTES:
        return False
    if not (_NUMBER.fullmatch(actual) and _NUMBER.fullmatch(expected)):
        return False
    values = (float(actual), float(expected))
    words = [_WORD.fullmatch(token) is not None for token in (actual, expected)]
    if any(words):
        return all(words) and numbers_agree(*values, tolerance)
    if max(len(actual), len(expected)) > _FLOAT_DIGITS or any(map(math.isinf, values)):
        return _agree_exactly(actual, expected, tolerance)
    return numbers_agree(*values, tolerance)


def _agree_exactly(actual: bytes, expected: bytes, tolerance: float) -> bool:
    """As ``numbers_agree``, of finite numbers that a float may not hold."""
    a, b = (_EXACT.create_decimal(token.decode()) for token in (actual, expected))
    if not (a.is_finite() and b.is_finite()):
        return False
    difference = _EXACT.subtract(a, b).copy_abs()
    bound = _EXACT.multiply(Decimal(tolerance), max(Decimal(1), b.copy_abs()))
    return difference.is_finite() and difference <= bound


def numbers_agree(actual: float, expected: float, tolerance: float) -> bool:
    """Tells whether two floats differ by at most ``tolerance``, absolute or relative."""
    if math.isnan(expected):
        return math.isnan(actual)
    if math.isinf(expected) or math.isinf(actual):
        return actual == expected
    return abs(actual - expected) <= tolerance * max(1.0, abs(expected))
