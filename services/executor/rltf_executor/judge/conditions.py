"""What a test demands of the values that were shipped for it, checked outside the sandbox.

A condition is evaluated lazily, from left to right, as Python evaluates an assert: a value that is
missing because the program failed matters only if the outcome depends on it.
"""

import math
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from rltf_executor.judge.foreign import (
    NumpyArray,
    NumpyScalar,
    Opaque,
    UndecidedError,
    UnknownTruthError,
    as_array,
    broadcast,
)
from rltf_executor.judge.numbers import as_number
from rltf_executor.judge.relations import RELATIONS, contains_opaque, is_in

_PLAIN_TYPES: Final = frozenset(
    {bool, int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset, dict}
)


class MissingAnswerError(Exception):
    """The sandbox did not get as far as this value."""


class MalformedAnswerError(Exception):
    """A value does not have the form it was asked for in: it was tampered with."""


@dataclass(slots=True)
class Answers:
    """What the sandbox shipped for one test.

    Args:
        values: Decoded values, in the order they were asked for.
        held: One entry for each assert that was executed inside.
    """

    values: Sequence[object]
    held: Sequence[bool] = ()
    used_inside: bool = field(default=False)  # a comparison made inside had to be believed

    def value(self, index: int) -> object:
        """Gives value ``index``.

        Raises:
            MissingAnswerError: The program failed before.
        """
        if index >= len(self.values):
            raise MissingAnswerError
        return self.values[index]

    def parts(self, index: int, count: int) -> tuple[object, ...]:
        """Gives value ``index``, which was asked for as a tuple of ``count``."""
        value = self.value(index)
        if isinstance(value, Opaque):  # refused for its size or depth
            return (value, *[Opaque("not shipped")] * (count - 2), False)
        if type(value) is not tuple or len(value) != count:
            raise MalformedAnswerError
        return value


class Operand(Protocol):
    """Something to compare."""

    def resolve(self, answers: Answers) -> object:
        """Gives its value."""
        ...


class Condition(Protocol):
    """Something that must hold."""

    def holds(self, answers: Answers) -> bool:
        """Tells whether it does.

        Raises:
            MissingAnswerError: It depends on a value that was not shipped.
            Exception: What Python would raise (TypeError, ValueError, ArithmeticError).
        """
        ...


@dataclass(frozen=True, slots=True)
class Literal:
    """An expected value: written in the test, never sent in."""

    value: object

    def resolve(self, answers: Answers) -> object:
        """Gives the value the test was written with."""
        return self.value


@dataclass(frozen=True, slots=True)
class NamedLiteral:
    """An expected value written with names; the sandbox was asked whether it knows them."""

    value: object
    indices: tuple[int, ...]

    def resolve(self, answers: Answers) -> object:
        """Gives the value, if the names were known."""
        for index in self.indices:
            answers.value(index)
        return self.value


@dataclass(frozen=True, slots=True)
class Shipped:
    """The value of an expression, as the sandbox shipped it."""

    index: int

    def resolve(self, answers: Answers) -> object:
        """Gives what was shipped."""
        return answers.value(self.index)


@dataclass(frozen=True, slots=True)
class Applied:
    """A pure operation on operands, one of which is an expected value."""

    operation: Callable[..., object]
    operands: tuple[Operand, ...]

    def resolve(self, answers: Answers) -> object:
        """Gives its result; an object that is no plain data makes one."""
        values = [operand.resolve(answers) for operand in self.operands]
        for value in values:
            if isinstance(value, Opaque):
                return value
        return self.operation(*values)


@dataclass(frozen=True, slots=True)
class Compare:
    """``left op right`` as Python compares; an object that is no plain data equals nothing."""

    relation: str
    left: Operand
    right: Operand

    def holds(self, answers: Answers) -> bool:
        """Compares."""
        return _true(
            RELATIONS[self.relation](self.left.resolve(answers), self.right.resolve(answers))
        )


@dataclass(frozen=True, slots=True)
class CompareInside:
    """``a op b``, or a longer chain, with no side written down: compared here if it is plain data.

    The sandbox ships ``(a, b, …, a op b …)``; its own answer is believed only where two objects
    that are no plain data meet.
    """

    relations: tuple[str, ...]
    index: int

    def holds(self, answers: Answers) -> bool:
        """Compares, or believes."""
        *values, inside = answers.parts(self.index, len(self.relations) + 2)
        opaque = [contains_opaque(value) for value in values]
        pairs = list(zip(self.relations, values, values[1:], opaque, opaque[1:], strict=False))
        for relation, _, _, is_left, is_right in pairs:
            if (is_left and is_right) or ((is_left or is_right) and relation not in ("==", "!=")):
                answers.used_inside = True
                return inside is True
        return all(_true(RELATIONS[relation](left, right)) for relation, left, right, *_ in pairs)


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth of an expression, shipped as ``(value, truth)``; plain data speaks for itself."""

    index: int

    def holds(self, answers: Answers) -> bool:
        """Gives the truth of the value."""
        value, inside = answers.parts(self.index, 2)
        if isinstance(value, Opaque) and value.truth is None:
            answers.used_inside = True
            return inside is True
        return _true(value)


@dataclass(frozen=True, slots=True)
class IsInstance:
    """``isinstance(value, kinds)``, shipped as ``(value, answer)``; decided here for plain data."""

    index: int
    kinds: tuple[type, ...]

    def holds(self, answers: Answers) -> bool:
        """Tells whether the value is an instance of one of the types."""
        value, inside = answers.parts(self.index, 2)
        if isinstance(value, Opaque):  # may lie about its class, but not about its bases
            answers.used_inside = True
            return inside is True and (value.claims or not _PLAIN_TYPES.issuperset(self.kinds))
        if isinstance(value, NumpyScalar):
            return value.python_type in self.kinds
        return isinstance(value, self.kinds) and not isinstance(value, NumpyArray)


@dataclass(frozen=True, slots=True)
class Contains:
    """``literal in expression``, shipped as ``(value, items of an iterator or None)``."""

    literal: object
    index: int

    def holds(self, answers: Answers) -> bool:
        """Tells whether the literal is in the value."""
        value, items = answers.parts(self.index, 2)
        if isinstance(value, Opaque):
            if not isinstance(items, list):
                raise UndecidedError
            return self.literal in items
        return is_in(self.literal, value)


@dataclass(frozen=True, slots=True)
class Close:
    """``math.isclose(left, right, ...)``."""

    left: Operand
    right: Operand
    rel_tol: float
    abs_tol: float

    def holds(self, answers: Answers) -> bool:
        """Tells whether they are close."""
        left, right = self.left.resolve(answers), self.right.resolve(answers)
        if isinstance(left, Opaque) or isinstance(right, Opaque):
            return False
        return math.isclose(_real(left), _real(right), rel_tol=self.rel_tol, abs_tol=self.abs_tol)


@dataclass(frozen=True, slots=True)
class ArraysAgree:
    """``numpy.array_equal`` (no tolerances) or ``numpy.allclose``, or ``(a == b).all()``."""

    left: Operand
    right: Operand
    tolerances: tuple[float, ...]  # relative and absolute, or none
    is_broadcast: bool  # a row may stand for many

    def holds(self, answers: Answers) -> bool:
        """Tells whether shapes and items agree."""
        left = as_array(self.left.resolve(answers))
        right = as_array(self.right.resolve(answers))
        if left is None or right is None:
            return False
        if self.is_broadcast:
            left, right = broadcast(left, right)
        if left.shape != right.shape:
            return False
        pairs = zip(left.items, right.items, strict=True)
        if not self.tolerances:
            return all(a == b for a, b in pairs)
        return all(a == b or _is_near(a, b, *self.tolerances) for a, b in pairs)


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    condition: Condition

    def holds(self, answers: Answers) -> bool:
        """Negates."""
        return not self.condition.holds(answers)


@dataclass(frozen=True, slots=True)
class All:
    """Conjunction; stops at the first that does not hold."""

    conditions: tuple[Condition, ...]

    def holds(self, answers: Answers) -> bool:
        """Tells whether all hold."""
        return all(condition.holds(answers) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Any:
    """Disjunction; stops at the first that holds."""

    conditions: tuple[Condition, ...]

    def holds(self, answers: Answers) -> bool:
        """Tells whether one holds."""
        return any(condition.holds(answers) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A condition on constants alone."""

    value: bool

    def holds(self, answers: Answers) -> bool:
        """Gives the value."""
        return self.value


@dataclass(frozen=True, slots=True)
class Known:
    """A name the test relies on, which the sandbox was asked for."""

    index: int

    def holds(self, answers: Answers) -> bool:
        """True if the sandbox knew it, which it says by shipping something."""
        answers.value(self.index)
        return True


@dataclass(frozen=True, slots=True)
class Held:
    """An assert executed inside."""

    index: int

    def holds(self, answers: Answers) -> bool:
        """Tells whether it was reported to have held."""
        if self.index >= len(answers.held):
            raise MissingAnswerError
        return answers.held[self.index]


def _is_near(a: object, b: object, relative: float, absolute: float) -> bool:
    """As numpy has it: relative to the second, and an infinite one is near itself alone."""
    left, right = as_number(a), as_number(b)
    distance: typing.Any = abs(left - right)
    scale: typing.Any = abs(right)
    return bool(scale != math.inf and distance <= absolute + relative * scale)


def _true(value: object) -> bool:
    try:
        return bool(value)
    except UnknownTruthError:
        return False


def _real(value: object) -> float:
    if isinstance(value, str | bytes):
        raise TypeError(f"must be real number, not {type(value).__name__}")
    return float(as_number(value.item if isinstance(value, NumpyScalar) else value))
