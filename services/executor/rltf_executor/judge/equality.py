"""Compares what a call returned with the JSON it should have returned."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from rltf_executor.judge.checkers import numbers_agree
from rltf_executor.judge.foreign import NumpyArray, NumpyScalar, Opaque, nested, unwrapped
from rltf_executor.schema import Checker

DEFAULT_TOLERANCE: Final = 1e-6

_MAX_DECIMAL_EXPONENT: Final = 20_000


def value_matches(actual: object, expected: object, checker: Checker | None) -> bool:
    """Tells whether a returned value is right.

    Lists and tuples are the same, and an object's keys match ``str(key)``; everything else is as
    Python compares.

    Args:
        actual: Decoded value.
        expected: JSON.
        checker: ``approx`` compares numbers within a tolerance, at any depth; ``unordered`` ignores
            the order of the outermost sequence. Another kind, or none: ``equal``.
    """
    kind = checker.kind if checker else "equal"
    if kind == "approx":
        given = checker.float_tolerance if checker else None
        return _same(actual, expected, DEFAULT_TOLERANCE if given is None else given)
    if kind == "unordered":
        return _same_multiset(actual, expected)
    return _same(actual, expected, None)


def _same(actual: object, expected: object, tolerance: float | None) -> bool:
    if isinstance(actual, NumpyArray) and not actual.shape:
        actual = NumpyScalar(actual.dtype, actual.items[0])
    if isinstance(actual, NumpyScalar):
        if tolerance is None:
            return not isinstance(expected, list | dict) and actual == expected
        actual = actual.item
    if isinstance(actual, NumpyArray) and tolerance is not None:
        actual = nested(actual)
    if isinstance(expected, list):
        return (
            isinstance(actual, list | tuple)
            and len(actual) == len(expected)
            and all(_same(a, e, tolerance) for a, e in zip(actual, expected, strict=True))
        )
    if isinstance(expected, dict):
        return isinstance(actual, dict) and _same_items(actual, expected, tolerance)
    if isinstance(actual, Opaque | NumpyArray | list | tuple | dict):
        return False
    if actual == expected:
        return True
    return tolerance is not None and _close(actual, expected, tolerance)


def _same_items(
    actual: Mapping[object, object], expected: Mapping[str, object], tolerance: float | None
) -> bool:
    if len(actual) != len(expected):
        return False
    keyed = _by_text(actual)
    return keyed is not None and all(
        key in keyed and _same(keyed[key], value, tolerance) for key, value in expected.items()
    )


def _by_text(mapping: Mapping[object, object]) -> dict[str, object] | None:
    """Gives a mapping with its keys as text; None if two become the same or one has no text."""
    keyed: dict[str, object] = {}
    for key, value in mapping.items():
        try:
            keyed[str(unwrapped(key))] = value
        except (ValueError, RecursionError):
            return None
    return keyed if len(keyed) == len(mapping) else None


def _close(actual: object, expected: object, tolerance: float) -> bool:
    if isinstance(expected, bool) or not isinstance(expected, int | float):
        return False
    if isinstance(actual, bool) or not isinstance(
        actual, int | float | complex | Decimal | Fraction
    ):
        return False
    try:
        if isinstance(actual, complex):
            return abs(actual - expected) <= tolerance * max(1.0, abs(expected))
        if isinstance(actual, int) and isinstance(expected, int):
            return abs(actual - expected) <= Fraction(tolerance) * max(1, abs(expected))
        return numbers_agree(float(actual), float(expected), tolerance)
    except (OverflowError, ValueError):
        return False


def _same_multiset(actual: object, expected: object) -> bool:
    if not isinstance(expected, list):
        return _same(actual, expected, None)
    if isinstance(actual, NumpyArray):
        actual = nested(actual)
    if not isinstance(actual, list | tuple | set | frozenset) or len(actual) != len(expected):
        return False
    counts: dict[object, int] = {}
    for item in expected:
        key = _canonical(item)
        counts[key] = counts.get(key, 0) + 1
    for item in actual:
        key = _canonical(item)
        if not counts.get(key):
            return False
        counts[key] -= 1
    return True


def _canonical(value: object) -> object:
    """Gives a key that equal values share; made of text, whose hashes nobody can choose."""
    value = unwrapped(value)
    if isinstance(value, list | tuple):
        return ("list", *map(_canonical, value))
    if isinstance(value, dict):
        keyed = _by_text(value)
        if keyed is None:
            return object()
        return ("dict", frozenset((key, _canonical(item)) for key, item in keyed.items()))
    if isinstance(value, str):
        return f"s{value}"
    if value is None:
        return "None"
    if isinstance(value, int):
        return hex(value)
    if isinstance(value, float | Fraction | Decimal):
        return _canonical_number(value)
    return object()  # equals nothing in JSON


def _canonical_number(value: float | Fraction | Decimal) -> object:
    if isinstance(value, Decimal) and abs(value.adjusted()) > _MAX_DECIMAL_EXPONENT:
        return object()
    try:
        numerator, denominator = value.as_integer_ratio()
    except (OverflowError, ValueError):  # infinite, or not a number, which equals nothing
        return repr(float(value)) if value == value else object()  # nan
    return hex(numerator) if denominator == 1 else f"{numerator:#x}/{denominator:#x}"
