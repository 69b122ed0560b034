"""Arithmetic the judge does itself on numbers a program made: bounded, so that it is quick."""

from decimal import Decimal
from fractions import Fraction
from typing import Final, Protocol, Self

MAX_BITS: Final = 1 << 20  # of an integer that takes part in arithmetic


class Number(Protocol):
    """What the judge subtracts."""

    def __sub__(self, other: object, /) -> Self: ...
    def __rsub__(self, other: object, /) -> Self: ...
    def __abs__(self) -> Self: ...
    def __float__(self) -> float: ...


def as_number(value: object) -> Number:
    """Gives ``value`` if it is a number.

    Raises:
        TypeError: It is none, as Python's own arithmetic would say.
        OverflowError: It is an integer too long to be worked with.
    """
    if not isinstance(value, int | float | complex | Decimal | Fraction):
        raise TypeError(f"unsupported operand type(s): {type(value).__name__!r}")
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise OverflowError("integer too large")
    return value  # type: ignore[return-value]  # complex has no __float__; it raises TypeError where Python does
