"""Evaluates the expressions a test may write its expected answer in, without running any code.

Displays, constants, arithmetic on them, and a fixed list of constructors and pure functions of
plain data. Everything is bounded. An expression that is none of this, or that would raise, is no
literal: the sandbox evaluates it.
"""

import ast
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sized
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final, NamedTuple

from rltf_executor.judge.foreign import NumpyArray
from rltf_executor.judge.names import BUILTINS, Names, NotLiteralError

MAX_ITEMS: Final = 1_000_000  # of the sequences a literal makes, and of its nodes
MAX_BITS: Final = 1 << 17
MAX_DEPTH: Final = 100

_UNARY: Final[Mapping[type[ast.unaryop], Callable[..., object]]] = MappingProxyType(
    {
        ast.UAdd: operator.pos,
        ast.USub: operator.neg,
        ast.Invert: operator.invert,
        ast.Not: operator.not_,
    }
)
_BINARY: Final[Mapping[type[ast.operator], Callable[..., object]]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
        ast.Mod: operator.mod,
        ast.Pow: operator.pow,
        ast.LShift: operator.lshift,
        ast.RShift: operator.rshift,
        ast.BitOr: operator.or_,
        ast.BitAnd: operator.and_,
        ast.BitXor: operator.xor,
    }
)
_PLAIN_TYPES: Final = frozenset(
    {bool, int, float, complex, str, bytes, list, tuple, set, frozenset, dict, range, type(None)}
)
_TEXTS: Final = (str, bytes, bytearray)
_PURE_METHODS: Final = frozenset(
    {"join", "upper", "lower", "title", "strip", "split", "keys", "values", "items", "encode"}
)


class Found(NamedTuple):
    """A literal, and the names it is written with."""

    value: object
    relied_on: list[str]


class Literals:
    """The literal expressions of one test; each is read once."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._read_before: dict[ast.expr, Found | None] = {}

    def find(self, node: ast.expr) -> Found | None:
        """Gives the value of ``node``; None if it is no literal."""
        if node not in self._read_before:
            reader = LiteralReader(self._names)
            try:
                self._read_before[node] = Found(reader.read(node), reader.relied_on)
            except NotLiteralError:
                self._read_before[node] = None
        return self._read_before[node]


class LiteralReader:
    """Evaluates literal expressions of one test; remembers which names they rely on."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._budget = MAX_ITEMS
        self.relied_on: list[str] = []  # names that must be bound in the sandbox, in order

    def read(self, node: ast.expr) -> object:
        """Gives the value of ``node``.

        Raises:
            NotLiteralError: It is no literal expression.
        """
        try:
            return self._read(node, 0)
        except (ArithmeticError, LookupError, TypeError, ValueError, MemoryError) as error:
            raise NotLiteralError from error

    def _read(self, node: ast.expr, depth: int) -> object:
        self._budget -= 1
        if self._budget < 0 or depth > MAX_DEPTH:
            raise NotLiteralError
        depth += 1
        match node:
            case ast.Constant():
                return node.value
            case ast.List():
                return self._elements(node.elts, depth)
            case ast.Tuple():
                return tuple(self._elements(node.elts, depth))
            case ast.Set():
                return set(self._elements(node.elts, depth))
            case ast.Dict():
                return self._dict(node, depth)
            case ast.UnaryOp():
                return _UNARY[type(node.op)](self._read(node.operand, depth))
            case ast.BinOp():
                return self._binary(node, depth)
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._data(node)
            case ast.Call():
                return self._call(node, depth)
            case ast.Subscript():
                return self._subscript(node, depth)
            case _:
                raise NotLiteralError

    def _elements(self, nodes: Iterable[ast.expr], depth: int) -> list[object]:
        elements: list[object] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                starred = self._read(node.value, depth)
                if not isinstance(starred, Iterable) or isinstance(starred, range):
                    raise NotLiteralError
                elements.extend(starred)
            else:
                elements.append(self._read(node, depth))
        return elements

    def _dict(self, node: ast.Dict, depth: int) -> object:
        made: dict[object, object] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                made[self._read(key, depth)] = self._read(value, depth)
                continue
            spread = self._read(value, depth)
            if not isinstance(spread, dict):
                raise NotLiteralError
            made.update(spread)
        return made

    def _binary(self, node: ast.BinOp, depth: int) -> object:
        apply = _BINARY.get(type(node.op))
        if apply is None:
            raise NotLiteralError
        left, right = self._read(node.left, depth), self._read(node.right, depth)
        _check_arithmetic(node.op, left, right)
        return self._bounded(apply(left, right))

    def _name(self, node: ast.Name) -> object:
        try:
            return self._names.constant(node)
        except NotLiteralError:
            return self._data(node)

    def _data(self, node: ast.expr) -> object:
        """Gives what a name stands for if it is data; of types, those that cross as data."""
        value = self._known(node)
        crosses = isinstance(value, type) and BUILTINS.get(value.__name__) is value
        if callable(value) and not crosses:
            raise NotLiteralError
        return value

    def _known(self, node: ast.expr) -> object:
        value = self._names.value(node)
        if not self._names.is_builtin(node):
            self.relied_on.append(ast.unparse(node))
        return value

    def _call(self, node: ast.Call, depth: int) -> object:
        function = self._callee(node.func, depth)
        args = self._elements(node.args, depth)
        kwargs: dict[str, object] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise NotLiteralError
            kwargs[keyword.arg] = self._read(keyword.value, depth)
        _check_call(function, args, kwargs)
        return self._bounded(function(*args, **kwargs))

    def _callee(self, node: ast.expr, depth: int) -> Callable[..., object]:
        if isinstance(node, ast.Attribute) and node.attr in _PURE_METHODS:
            owner = self._read(node.value, depth)
            if type(owner) not in (str, bytes, dict):
                raise NotLiteralError
            method: Callable[..., object] = getattr(owner, node.attr)
            return method
        function = self._known(node)
        if not callable(function) or function is object:
            raise NotLiteralError
        return function

    def _subscript(self, node: ast.Subscript, depth: int) -> object:
        index: object
        if isinstance(node.slice, ast.Slice):
            bounds = (node.slice.lower, node.slice.upper, node.slice.step)
            index = slice(
                *[None if bound is None else self._read(bound, depth) for bound in bounds]
            )
        else:
            index = self._read(node.slice, depth)
        owner = self._read(node.value, depth)
        if type(owner) not in (str, bytes, list, tuple, dict):
            raise NotLiteralError
        return operator.getitem(owner, index)  # type: ignore[call-overload]  # raises as Python does

    def _bounded(self, value: object) -> object:
        if isinstance(value, Decimal) and abs(value.adjusted()) > MAX_BITS:
            raise NotLiteralError
        if isinstance(value, Sized) and not isinstance(value, range | NumpyArray):
            self._budget -= len(value) // (16 if isinstance(value, _TEXTS) else 1)
            if self._budget < 0:
                raise NotLiteralError
        return value


def _check_arithmetic(op: ast.operator, left: object, right: object) -> None:
    """Refuses arithmetic whose result would be large, and formatting."""
    if isinstance(left, int) and isinstance(right, int):
        bits = max(left.bit_length(), right.bit_length())
        if isinstance(op, ast.Pow):
            bits = left.bit_length() * right
        elif isinstance(op, ast.LShift):
            bits += right
        if bits > MAX_BITS:
            raise NotLiteralError
    elif isinstance(op, ast.Mult):
        for sequence, times in ((left, right), (right, left)):
            if not isinstance(sequence, Sized) or not isinstance(times, int):
                continue
            if len(sequence) * times > MAX_ITEMS:
                raise NotLiteralError
    elif isinstance(op, ast.Mod):
        if isinstance(left, _TEXTS):  # widths of any size
            raise NotLiteralError
    elif isinstance(op, ast.Pow) and not any(
        isinstance(side, float | complex) for side in (left, right)
    ):
        raise NotLiteralError


def _check_call(
    function: Callable[..., object], args: list[object], kwargs: Mapping[str, object]
) -> None:
    """Refuses calls that would take long, or take a function."""
    for argument in (*args, *kwargs.values()):
        if callable(argument) and not isinstance(argument, type):
            raise NotLiteralError
        if isinstance(argument, range) and len(argument) > MAX_ITEMS:
            raise NotLiteralError
    first = args[0] if args else None
    refused: dict[Callable[..., object], bool] = {
        sum: len(args) > 1,  # of lists, say
        bytes: isinstance(first, int),
        bytearray: isinstance(first, int),
        str: isinstance(first, Sized) and not isinstance(first, _TEXTS),
        Fraction: isinstance(first, str),  # with an exponent of any size
        type: len(args) != 1 or type(first) not in _PLAIN_TYPES,
        defaultdict: not isinstance(first, type | None),
    }
    if refused.get(function, False):
        raise NotLiteralError
    if getattr(function, "__name__", "") == "join" and isinstance(first, list | tuple):
        separator: str = getattr(function, "__self__", "")
        sizes = (len(part) + len(separator) for part in first if isinstance(part, _TEXTS))
        if sum(sizes) > MAX_ITEMS:
            raise NotLiteralError
