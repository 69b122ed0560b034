"""Splits one assert: which expressions the sandbox evaluates, and the condition on their values.

What an expression is wrapped in so that objects of the program can be judged says nothing about the
answer: ``f(2)`` is asked for in the same words whether the test wants it true or false.
"""

import ast
import math
from collections.abc import Callable, Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from rltf_executor.judge.conditions import (
    All,
    Any,
    Applied,
    ArraysAgree,
    Close,
    Compare,
    CompareInside,
    Condition,
    Contains,
    Fixed,
    IsInstance,
    Known,
    Literal,
    NamedLiteral,
    Not,
    Operand,
    Shipped,
    Truth,
)
from rltf_executor.judge.exposure import Exposure
from rltf_executor.judge.literals import Literals
from rltf_executor.judge.names import Names

_SYMBOLS: Final[Mapping[type[ast.cmpop], str]] = MappingProxyType(
    {
        ast.Eq: "==",
        ast.NotEq: "!=",
        ast.Lt: "<",
        ast.LtE: "<=",
        ast.Gt: ">",
        ast.GtE: ">=",
        ast.Is: "is",
        ast.IsNot: "is not",
        ast.In: "in",
        ast.NotIn: "not in",
    }
)
_CLOSE: Final = frozenset({"math.isclose", "cmath.isclose"})
_ALL_CLOSE: Final = frozenset({"numpy.allclose", "numpy.isclose"})
_ARRAY_EQUAL: Final = frozenset({"numpy.array_equal"})
_WITH_TRUTH: Final = "(lambda v: (v, True if v else False))({})"
_WITH_INSTANCE: Final = "(lambda v, t: (v, True if isinstance(v, t) else False))({}, {})"
_WITH_ITEMS: Final = (  # programs name variables `range` or `type`
    "(lambda v, b: (v, [x for _, x in b.zip(b.range(100000), v)]"
    " if b.hasattr(b.type(v), '__next__') else None))({}, __import__('builtins'))"
)


class ValueShape(Enum):
    """What a shipped value is."""

    PLAIN = auto()  # the value of an expression of the test
    WRAPPED = auto()  # a tuple that starts with one
    NAME = auto()  # a name the test relies on; only whether it exists matters


class _UnsplittableError(Exception):
    """The assert has to be executed inside."""


class AssertSplitter:
    """Splits one assert; ``expressions`` are what it needs from the sandbox.

    Args:
        names: What the test's names stand for.
        literals: Reads its expected values.
        exposure: Knows what is compared inside.
        source: Gives the text of an expression.
        first_value: Index of the first value this assert ships.
    """

    def __init__(
        self,
        names: Names,
        literals: Literals,
        exposure: Exposure,
        source: Callable[[ast.expr], str],
        first_value: int,
    ) -> None:
        self._names = names
        self._literals = literals
        self._exposure = exposure
        self._source = source
        self._first_value = first_value
        self.expressions: list[str] = []
        self.shapes: list[ValueShape] = []
        self.sent_in: list[ast.expr] = []
        self.is_inside = False  # a comparison is part of what is sent in

    def split(self, test: ast.expr) -> Condition | None:
        """Gives the condition of an assert's test; None if it has to be executed inside."""
        try:
            return self._condition(test)
        except _UnsplittableError:
            return None

    def _condition(self, node: ast.expr) -> Condition:
        if isinstance(node, ast.BoolOp):
            parts = tuple(self._condition(value) for value in node.values)
            return All(parts) if isinstance(node.op, ast.And) else Any(parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Not(self._condition(node.operand))
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Call):
            special = self._special_call(node)
            if special is not None:
                return special
        if isinstance(node, ast.Constant):
            return Fixed(bool(node.value))
        if any(isinstance(part, ast.Compare | ast.Lambda) for part in ast.walk(node)):
            raise _UnsplittableError  # the comparison is somewhere within
        return Truth(self._ship(_WITH_TRUTH, node))

    def _comparison(self, node: ast.Compare) -> Condition:
        sides = [node.left, *node.comparators]
        relations = [_SYMBOLS[type(op)] for op in node.ops]
        literals = [self._literal_operand(side) for side in sides]
        if all(literal is None for literal in literals) and not any(map(self._hides, sides)):
            return self._unwritten(relations, sides)
        if len(sides) == 2:
            return self._two_sided(relations[0], sides[0], sides[1])
        operands = self._operands(sides)
        return All(
            tuple(
                Compare(relation, left, right)
                for relation, left, right in zip(relations, operands, operands[1:], strict=False)
            )
        )

    def _unwritten(self, relations: list[str], sides: list[ast.expr]) -> Condition:
        """Gives the condition of a comparison none of whose sides is an expected value."""
        if not {"is", "is not"}.isdisjoint(relations):
            raise _UnsplittableError
        names = [f"v{number}" for number in range(len(sides))]
        chain = names[0] + "".join(
            f" {relation} {name}" for relation, name in zip(relations, names[1:], strict=True)
        )
        values = ", ".join(names)
        places = ", ".join(["{}"] * len(sides))
        form = f"(lambda {values}: ({values}, True if {chain} else False))({places})"
        theirs = {self._exposure.is_programs(side) for side in sides}
        self.is_inside |= len(theirs) > 1  # the others are what is expected
        return CompareInside(tuple(relations), self._ship(form, *sides))

    def _two_sided(self, relation: str, left: ast.expr, right: ast.expr) -> Condition:
        literals = [self._literal_operand(side) for side in (left, right)]
        expected = literals[0]
        if relation in ("in", "not in") and expected is not None and literals[1] is None:
            if self._exposure.makes_own_object(right):
                raise _UnsplittableError  # which knows best what is in it
            contains = Contains(expected.value, self._ship(_WITH_ITEMS, right))
            return contains if relation == "in" else Not(contains)
        operands = self._operands([left, right])
        return Compare(relation, operands[0], operands[1])

    def _operands(self, sides: list[ast.expr]) -> list[Operand]:
        """Gives the sides of a comparison; if all are constant, calls are evaluated inside."""
        if all(self._literal_operand(side) is not None for side in sides):
            return [
                Shipped(self._ship("{}", side)) if _calls(side) else self._operand(side)
                for side in sides
            ]
        return [self._operand(side) for side in sides]

    def _operand(self, node: ast.expr) -> Operand:
        literal = self._known_literal(node)
        if literal is not None:
            return literal
        if not self._hides(node):
            return Shipped(self._ship("{}", node))
        if isinstance(node, ast.BinOp):
            return Applied(_subtract, (self._operand(node.left), self._operand(node.right)))
        if isinstance(node, ast.UnaryOp):
            return Applied(_negate, (self._operand(node.operand),))
        assert isinstance(node, ast.Call)  # noqa: S101  # _hides knows no other
        operation = _OUTER_CALLS[self._names.path(node.func) or ""]
        return Applied(operation, tuple(self._operand(argument) for argument in node.args))

    def _hides(self, node: ast.expr) -> bool:
        """True if an expected value is subtracted in ``node``, as in ``abs(f(2) - 4)``."""
        if isinstance(node, ast.BinOp):
            if not isinstance(node.op, ast.Sub):
                return False
            sides = (node.left, node.right)
            known = [self._literal_operand(side) is not None for side in sides]
            return any(known) and not all(known)
        if isinstance(node, ast.UnaryOp):
            return isinstance(node.op, ast.USub) and self._hides(node.operand)
        if isinstance(node, ast.Call) and node.args and not node.keywords:
            path = self._names.path(node.func) or ""
            return (
                path in _OUTER_CALLS
                and self._hides(node.args[0])
                and all(self._literal_operand(argument) is not None for argument in node.args[1:])
            )
        return False

    def _special_call(self, node: ast.Call) -> Condition | None:
        path = self._names.path(node.func) or ""
        if path == "builtins.isinstance" and len(node.args) == 2 and not node.keywords:
            return self._isinstance(node.args[0], node.args[1])
        if path in _CLOSE and len(node.args) == 2:
            return self._close(node)
        if path in _ARRAY_EQUAL or path in _ALL_CLOSE:
            return self._arrays(node, is_close=path in _ALL_CLOSE)
        if path == "numpy.all" and len(node.args) == 1 and not node.keywords:
            return self._whole_arrays(node.args[0])
        if isinstance(node.func, ast.Attribute) and node.func.attr == "all" and not node.args:
            return self._whole_arrays(node.func.value)
        return None

    def _isinstance(self, value: ast.expr, kinds: ast.expr) -> Condition | None:
        literal = self._literal_operand(kinds)
        if literal is None:
            return None
        known = literal.value if isinstance(literal.value, tuple) else (literal.value,)
        if not all(isinstance(kind, type) for kind in known):
            return None
        return IsInstance(self._ship(_WITH_INSTANCE, value, kinds), known)

    def _close(self, node: ast.Call) -> Condition | None:
        if not self._has_literal_side(node):
            return None
        given = self._tolerances(node, {"rel_tol": 1e-09, "abs_tol": 0.0})
        known = Known(self._require(self._source(node.func)))
        left, right = (self._operand(side) for side in node.args)
        return All((known, Close(left, right, *given)))

    def _arrays(self, node: ast.Call, *, is_close: bool) -> Condition | None:
        if not self._has_literal_side(node):
            return None
        given = self._tolerances(node, {"rtol": 1e-05, "atol": 1e-08} if is_close else {})
        known = Known(self._require(self._source(node.func)))
        left, right = (self._operand(side) for side in node.args)
        return All((known, ArraysAgree(left, right, given, is_broadcast=is_close)))

    def _has_literal_side(self, node: ast.Call) -> bool:
        """True if one of two arguments is an expected value; False if both are: the call is tested.

        Raises:
            _UnsplittableError: It compares things that are not known outside.
        """
        known = [self._literal_operand(argument) is not None for argument in node.args]
        if all(known):
            return False
        if len(known) != 2:
            raise _UnsplittableError
        return True

    def _tolerances(self, node: ast.Call, defaults: dict[str, float]) -> tuple[float, ...]:
        """Gives the keyword arguments of a comparison, in the order of ``defaults``."""
        tolerances = dict(defaults)
        for keyword in node.keywords:
            given = self._literal_operand(keyword.value)
            if keyword.arg not in tolerances or given is None:
                raise _UnsplittableError
            if not isinstance(given.value, int | float) or given.value < 0:
                raise _UnsplittableError
            tolerances[keyword.arg] = float(given.value)
        return tuple(tolerances.values())

    def _whole_arrays(self, node: ast.expr) -> Condition | None:
        """Gives the condition of ``(a == b).all()`` for one expected side, given ``a == b``."""
        if not isinstance(node, ast.Compare) or len(node.ops) != 1:
            return None
        sides = (node.left, node.comparators[0])
        literals = [self._literal_operand(side) for side in sides]
        if not isinstance(node.ops[0], ast.Eq) or literals.count(None) != 1:
            return None
        left, right = (self._operand(side) for side in sides)
        return ArraysAgree(left, right, (), is_broadcast=True)

    def _literal_operand(self, node: ast.expr) -> Literal | None:
        found = self._literals.find(node)
        return None if found is None else Literal(found.value)

    def _known_literal(self, node: ast.expr) -> Operand | None:
        found = self._literals.find(node)
        if found is None or not found.relied_on:
            return found and Literal(found.value)
        return NamedLiteral(found.value, tuple(self._require(name) for name in found.relied_on))

    def _require(self, name: str) -> int:
        """Has the sandbox raise the NameError that the test would raise without its import."""
        self.expressions.append(name)
        self.shapes.append(ValueShape.NAME)
        return self._first_value + len(self.expressions) - 1

    def _ship(self, form: str, *nodes: ast.expr) -> int:
        self.sent_in.extend(nodes)
        self.is_inside |= any(map(self._exposure.compares, nodes))
        self.shapes.append(ValueShape.PLAIN if form == "{}" else ValueShape.WRAPPED)
        self.expressions.append(form.format(*[self._expression(node) for node in nodes]))
        return self._first_value + len(self.expressions) - 1

    def _expression(self, node: ast.expr) -> str:
        text = self._source(node)
        if "\n" in text or isinstance(node, ast.NamedExpr | ast.Starred | ast.Lambda | ast.IfExp):
            return f"({text}\n)"
        return text


def _calls(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(node))


def _subtract(left: object, right: object) -> object:
    return left - right  # type: ignore[operator]  # a TypeError where Python raises one


def _negate(value: object) -> object:
    return -value  # type: ignore[operator]  # likewise


_OUTER_CALLS: Final[Mapping[str, Callable[..., object]]] = MappingProxyType(
    {"builtins.abs": abs, "builtins.round": round, "math.fabs": math.fabs}
)
