"""Evaluates the expressions a test may write its expected answer in, without running any code.

Displays, constants, arithmetic on them, and a fixed list of constructors and pure functions of plain data. Everything
is bounded. An expression that is none of this, or that would raise, is no literal: the sandbox evaluates it.
"""

import ast
import cmath
import math
import operator
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from rltf_executor.judge.foreign import NumpyArray, NumpyScalar, as_array

MAX_ITEMS: Final = 1_000_000  # of a sequence made by a literal, and of the nodes of one
MAX_BITS: Final = 1 << 17
MAX_DEPTH: Final = 100


class NotLiteralError(Exception):
    """The expression has to be evaluated where the program is."""


def _numpy_array(value: object) -> NumpyArray:
    array = as_array(value)
    if array is None:
        raise NotLiteralError
    return array


_BUILTINS: Final[Mapping[str, object]] = MappingProxyType(
    {
        **{
            kind.__name__: kind
            for kind in (bool, int, float, complex, str, bytes, bytearray, object, type)
        },
        **{kind.__name__: kind for kind in (list, tuple, set, frozenset, dict, range)},
        **{
            function.__name__: function
            for function in (abs, len, max, min, ord, chr, pow, round, sorted, sum)
        },
        "NotImplemented": NotImplemented,
        "Ellipsis": ...,
    }
)

# Dotted names a test means by themselves; the sandbox is asked whether they are bound, never for their value.
_NAMED: Final[Mapping[str, object]] = MappingProxyType(
    {
        "math.pi": math.pi,
        "math.e": math.e,
        "math.tau": math.tau,
        "math.inf": math.inf,
        "math.nan": math.nan,
        "math.sqrt": math.sqrt,
        "math.floor": math.floor,
        "math.ceil": math.ceil,
        "cmath.inf": cmath.inf,
        "collections.Counter": Counter,
        "collections.OrderedDict": OrderedDict,
        "collections.defaultdict": defaultdict,
        "collections.deque": deque,
        "decimal.Decimal": Decimal,
        "fractions.Fraction": Fraction,
        "datetime.date": date,
        "datetime.time": time,
        "datetime.datetime": datetime,
        "datetime.timedelta": timedelta,
        "numpy.array": _numpy_array,
        "numpy.inf": math.inf,
        "numpy.nan": math.nan,
        "numpy.pi": math.pi,
    }
)

# What a bare name stands for where the test itself does not import it: what preludes and programs import it as.
_CUSTOMARY: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{module: module for module in ("math", "cmath", "collections", "decimal", "fractions")},
        **{
            name: f"collections.{name}"
            for name in ("Counter", "OrderedDict", "defaultdict", "deque")
        },
        **{name: f"datetime.{name}" for name in ("date", "time", "timedelta")},
        **{name: f"math.{name}" for name in ("pi", "inf", "nan", "isclose")},
        "Decimal": "decimal.Decimal",
        "Fraction": "fractions.Fraction",
        "datetime": "datetime",
        "np": "numpy",
        "numpy": "numpy",
    }
)

_UNARY: Final[Mapping[type[ast.unaryop], Callable[[object], object]]] = MappingProxyType(
    {
        ast.UAdd: operator.pos,
        ast.USub: operator.neg,
        ast.Invert: operator.invert,
        ast.Not: operator.not_,
    }
)
_BINARY: Final[Mapping[type[ast.operator], Callable[[object, object], object]]] = MappingProxyType(
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
    {
        "join",
        "upper",
        "lower",
        "title",
        "strip",
        "split",
        "keys",
        "values",
        "items",
        "encode",
        "copy",
    }
)


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal that a test binds to a name on this line, once and for all."""

    value: object
    line: int


class Names:
    """What the names in a test stand for.

    Args:
        bound: Names the test binds itself, by assignment or definition: no longer what they customarily are.
        imports: Names the test imports, each with the dotted path it stands for.
        constants: Names the test binds once to a literal, with that value.
    """

    def __init__(
        self,
        bound: frozenset[str] = frozenset(),
        imports: Mapping[str, str] = MappingProxyType({}),
        constants: Mapping[str, Constant] = MappingProxyType({}),
    ) -> None:
        self._bound = bound
        self._imports = imports
        self._constants = constants

    def path(self, node: ast.expr) -> str | None:
        """Gives the dotted path a name or attribute stands for; ``builtins.x`` for a builtin; None if unknown."""
        if isinstance(node, ast.Attribute):
            outer = self.path(node.value)
            return None if outer is None else f"{outer}.{node.attr}"
        if not isinstance(node, ast.Name):
            return None
        name = node.id
        if name in self._imports:
            return self._imports[name]
        if name in self._bound:
            return None
        if name in _CUSTOMARY:
            return _CUSTOMARY[name]
        return f"builtins.{name}"

    def constant(self, node: ast.Name) -> object:
        """Gives the literal a name is bound to where it is used.

        Raises:
            NotLiteralError: It is bound to none.
        """
        constant = self._constants.get(node.id)
        if constant is None or node.lineno <= constant.line:
            raise NotLiteralError
        return constant.value

    def value(self, node: ast.expr) -> object:
        """Gives the value a name or attribute is known by.

        Raises:
            NotLiteralError: It is not known.
        """
        path = self.path(node)
        if path is None:
            raise NotLiteralError
        module, _, name = path.partition(".")
        found = _BUILTINS.get(name, NotLiteralError) if module == "builtins" else _NAMED.get(path)
        if path == "datetime":  # `from datetime import datetime` is the custom where it is called
            found = datetime
        if found is None or found is NotLiteralError:
            raise NotLiteralError
        return found


class LiteralReader:
    """Evaluates literal expressions of one test; remembers which names they rely on."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._budget = MAX_ITEMS
        self.relied_on: list[
            str
        ] = []  # source of names that must be bound in the sandbox, in order

    def read(self, node: ast.expr) -> object:
        """Gives the value of ``node``.

        Raises:
            NotLiteralError: It is no literal expression.
        """
        start = len(self.relied_on)
        try:
            return self._read(node, 0)
        except NotLiteralError:
            del self.relied_on[start:]
            raise
        except (ArithmeticError, LookupError, TypeError, ValueError, MemoryError) as error:
            del self.relied_on[start:]
            raise NotLiteralError from error

    def _read(self, node: ast.expr, depth: int) -> object:
        self._budget -= 1
        if self._budget < 0 or depth > MAX_DEPTH:
            raise NotLiteralError
        if isinstance(node, ast.Constant):
            return node.value
        reader = _READERS.get(type(node))
        if reader is None:
            raise NotLiteralError
        return reader(self, node, depth + 1)

    def _elements(self, nodes: Iterable[ast.expr], depth: int) -> list[object]:
        elements: list[object] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                elements.extend(self._bounded(_iterable(self._read(node.value, depth))))
            else:
                elements.append(self._read(node, depth))
        return elements

    def _dict(self, node: ast.Dict, depth: int) -> object:
        made: dict[object, object] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                made.update(_mapping(self._read(value, depth)))
            else:
                made[self._read(key, depth)] = self._read(value, depth)
        return made

    def _unary(self, node: ast.UnaryOp, depth: int) -> object:
        return _UNARY[type(node.op)](self._read(node.operand, depth))

    def _binary(self, node: ast.BinOp, depth: int) -> object:
        apply = _BINARY.get(type(node.op))
        if apply is None:
            raise NotLiteralError
        left, right = self._read(node.left, depth), self._read(node.right, depth)
        _check_size(node.op, left, right)
        return self._bounded(apply(left, right))

    def _name(self, node: ast.Name, depth: int) -> object:
        try:
            return self._names.constant(node)
        except NotLiteralError:
            return self._plain(node)

    def _plain(self, node: ast.expr) -> object:
        """Gives a named value that is data; of types those that cross as data."""
        value = self._known(node)
        if callable(value) and value not in _BUILTINS.values():
            raise NotLiteralError
        if callable(value) and not isinstance(value, type):
            raise NotLiteralError
        return value

    def _known(self, node: ast.expr) -> object:
        value = self._names.value(node)
        if not (self._names.path(node) or "").startswith("builtins."):
            self.relied_on.append(ast.unparse(node))
        return value

    def _call(self, node: ast.Call, depth: int) -> object:
        if any(keyword.arg is None for keyword in node.keywords):
            raise NotLiteralError
        function = self._callee(node.func, depth)
        args = self._elements(node.args, depth)
        kwargs = {str(keyword.arg): self._read(keyword.value, depth) for keyword in node.keywords}
        _check_call(function, args, kwargs)
        return self._bounded(function(*args, **kwargs))

    def _callee(self, node: ast.expr, depth: int) -> Callable[..., object]:
        if isinstance(node, ast.Attribute) and node.attr in _PURE_METHODS:
            try:
                owner = self._read(node.value, depth)
            except NotLiteralError:
                owner = None
            if type(owner) in (str, bytes, list, dict, set):
                method: Callable[..., object] = getattr(owner, node.attr)
                return method
        function = self._known(node)
        if not callable(function) or function is object:
            raise NotLiteralError
        return function

    def _subscript(self, node: ast.Subscript, depth: int) -> object:
        if isinstance(node.slice, ast.Slice):
            bounds = (node.slice.lower, node.slice.upper, node.slice.step)
            parts = [None if bound is None else self._read(bound, depth) for bound in bounds]
            index: object = slice(*parts)
        else:
            index = self._read(node.slice, depth)
        owner = self._read(node.value, depth)
        if type(owner) not in (str, bytes, list, tuple, dict):
            raise NotLiteralError
        return owner[index]  # type: ignore[index]  # one of the types above

    def _bounded(self, value: object) -> object:
        if isinstance(value, Decimal) and abs(value.adjusted()) > MAX_BITS:
            raise NotLiteralError
        if isinstance(value, Sized) and not isinstance(value, range | NumpyArray | NumpyScalar):
            self._budget -= len(value) // (16 if isinstance(value, _TEXTS) else 1)
            if self._budget < 0:
                raise NotLiteralError
        return value


def _iterable(value: object) -> Iterable[object]:
    if isinstance(value, range) and len(value) > MAX_ITEMS:
        raise NotLiteralError
    if not isinstance(value, Iterable):
        raise NotLiteralError
    return value


def _mapping(value: object) -> Mapping[object, object]:
    if not isinstance(value, dict):
        raise NotLiteralError
    return value


def _check_size(op: ast.operator, left: object, right: object) -> None:
    """Refuses arithmetic whose result would be large."""
    if isinstance(left, int) and isinstance(right, int):
        bits = max(left.bit_length(), right.bit_length())
        if isinstance(op, ast.Pow | ast.LShift):
            bits = left.bit_length() * right if isinstance(op, ast.Pow) else bits + right
        if bits > MAX_BITS:
            raise NotLiteralError
    elif isinstance(op, ast.Mult):
        for sequence, times in ((left, right), (right, left)):
            if (
                isinstance(times, int)
                and isinstance(sequence, Sized)
                and (len(sequence) * times > MAX_ITEMS)
            ):
                raise NotLiteralError
    elif isinstance(op, ast.Mod) and isinstance(left, _TEXTS):
        raise NotLiteralError  # formatting, with widths of any size
    elif isinstance(op, ast.Pow) and not (
        isinstance(left, float | complex) or isinstance(right, float | complex)
    ):
        raise NotLiteralError


def _check_call(function: object, args: list[object], kwargs: Mapping[str, object]) -> None:
    """Refuses calls that would take long or need code (a sort key, say)."""
    for argument in (*args, *kwargs.values()):
        if callable(argument) and not isinstance(argument, type):
            raise NotLiteralError
        if isinstance(argument, range) and len(argument) > MAX_ITEMS and function is not range:
            raise NotLiteralError
    first = args[0] if args else None
    refused = {
        pow: True,
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
        owner = getattr(function, "__self__", "")
        if sum(len(part) + len(owner) for part in first if isinstance(part, _TEXTS)) > MAX_ITEMS:
            raise NotLiteralError


_READERS: Final[Mapping[type[ast.expr], Callable[[LiteralReader, ast.expr, int], object]]] = {
    ast.List: lambda reader, node, depth: reader._elements(node.elts, depth),
    ast.Tuple: lambda reader, node, depth: tuple(reader._elements(node.elts, depth)),
    ast.Set: lambda reader, node, depth: set(reader._elements(node.elts, depth)),
    ast.Dict: LiteralReader._dict,
    ast.UnaryOp: LiteralReader._unary,
    ast.BinOp: LiteralReader._binary,
    ast.Name: LiteralReader._name,
    ast.Attribute: lambda reader, node, depth: reader._plain(node),
    ast.Call: LiteralReader._call,
    ast.Subscript: LiteralReader._subscript,
}  # type: ignore[dict-item]  # each takes the node type it is listed under
