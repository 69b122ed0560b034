"""Values as data: what a test returned, written as tagged JSON.

The service decodes it (judge/values.py). Only exact types are plain data: of anything else, a
subclass of ``int`` with a lying ``__eq__`` included, nothing but the type's name crosses. The
encoder calls no method that the program could have written.

``null``, booleans, strings, floats that are finite and integers below 2**53 are themselves;
everything else is an array that starts with a tag. ``["o", type, truth, claims]`` is no plain data,
``["x", reason]`` was refused.
"""

import builtins
import collections
import datetime
import decimal
import fractions
import itertools
import sys
from collections.abc import Callable, Iterable
from types import EllipsisType
from typing import Any

from .pristine import BUILTINS

globals()["__builtins__"] = BUILTINS  # the program may patch its own

MAX_NODES = 1_000_000
MAX_DEPTH = 200
_SAFE_INT = 2**53
_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement, its methods can be replaced

_plain_types = (int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset, dict)
_type_name = type.__dict__["__name__"].__get__
_type_module = type.__dict__["__module__"].__get__
_type_mro = type.__dict__["__mro__"].__get__
_type_flags = type.__dict__["__flags__"].__get__
_type_dict = type.__dict__["__dict__"].__get__
_builtin_types = {value: name for name, value in vars(builtins).items() if type(value) is type}
_tuple_iter = tuple.__iter__


class _RefusedError(Exception):
    """The value is too deep, too large or contains itself."""


def _opaque(value: object, kind: type) -> list[Any]:
    bases = _type_mro(kind)
    claims = any(base in _plain_types for base in bases)
    truth = None
    if not _type_flags(kind) & _HEAP_TYPE:
        try:
            truth = bool(value)
        except Exception:  # an array of objects, NotImplemented
            truth = None
    module = _type_module(kind)
    name = _type_name(kind)
    return ["o", f"{module if type(module) is str else '?'}.{name}"[:200], truth, claims]


def _namedtuple_fields(kind: type) -> list[str] | None:
    """Field names of a type as ``collections.namedtuple`` makes it, with nothing of it replaced."""
    if len(_type_mro(kind)) != 3 or _type_mro(kind)[1] is not tuple:
        return None
    own = _type_dict(kind)
    fields = own.get("_fields")
    if type(fields) is not tuple or not all(type(field) is str for field in fields):
        return None
    compared = (
        "__eq__",
        "__ne__",
        "__lt__",
        "__le__",
        "__gt__",
        "__ge__",
        "__hash__",
        "__iter__",
        "__len__",
    )
    if any(
        name in own for name in (*compared, "__getitem__", "__contains__", "__bool__", "__class__")
    ):
        return None
    return list(fields)


class _Encoder:
    __slots__ = ("_nodes", "_open", "impostor")

    def __init__(self) -> None:
        self._nodes = 0
        self._open: set[int] = set()
        self.impostor = False

    def encode(self, value: Any, depth: int = 0) -> Any:
        kind = type(value)
        if value is None or kind is bool or kind is str:
            self._count(1)
            return value
        if kind is int:
            self._count(1)
            return value if -_SAFE_INT < value < _SAFE_INT else ["i", hex(value)]
        if kind is float:
            self._count(1)
            return value if value - value == 0 else ["f", repr(value)]
        if depth >= MAX_DEPTH:
            raise _RefusedError("depth")
        writer = _WRITERS.get(kind)
        if writer is not None:
            return writer(self, value, depth + 1)
        return self._rare(value, kind, depth + 1)

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise _RefusedError("size")

    def items(
        self, tag: str | list[Any], holder: object, values: Iterable[Any], depth: int
    ) -> list[Any]:
        """Encode the members of a container, refusing one that contains itself."""
        if id(holder) in self._open:
            raise _RefusedError("cycle")
        self._open.add(id(holder))
        self._count(1)
        out: list[Any] = [tag] if isinstance(tag, str) else tag
        encode = self.encode
        for value in values:
            out.append(encode(value, depth))
        self._open.discard(id(holder))
        return out

    def pairs(
        self, tag: str, holder: object, values: Iterable[tuple[Any, Any]], depth: int
    ) -> list[Any]:
        return self.items(tag, holder, itertools.chain.from_iterable(values), depth)

    def text(self, tag: str, text: str) -> list[Any]:
        self._count(1 + len(text) // 16)
        return [tag, text]

    def _rare(self, value: Any, kind: type, depth: int) -> list[Any]:
        if kind is type:
            name = _builtin_types.get(value)
            return ["T", f"builtins.{name}"] if name else ["o", "builtins.type", True, False]
        numpy = sys.modules.get("numpy")
        if numpy is not None and getattr(numpy, "ndarray", None):
            encoded = self._numpy(numpy, value, kind, depth)
            if encoded is not None:
                return encoded
        fields = _namedtuple_fields(kind)
        if fields is not None:
            return self.items(["nt", _type_name(kind), fields], value, _tuple_iter(value), depth)
        opaque = _opaque(value, kind)
        self.impostor = self.impostor or opaque[3]
        return opaque

    def _numpy(self, numpy: Any, value: Any, kind: Any, depth: int) -> list[Any] | None:
        if kind is numpy.ndarray:
            num_rows = 1
            for size in value.shape:
                num_rows *= size or 1  # those that hold nothing count, too
            if num_rows > MAX_NODES:
                return ["x", "size"]
            if value.dtype.kind not in "biufcSU":
                return None
            flat = value.reshape(-1).tolist()
            return self.items(["na", value.dtype.str, list(value.shape)], value, flat, depth)
        known = vars(numpy).get(_type_name(kind)) is kind and issubclass(kind, numpy.generic)
        if known and value.dtype.kind in "biufcSU":
            return ["np", value.dtype.str, self.encode(value.item(), depth)]
        return None


_Writer = Callable[[_Encoder, Any, int], list[Any]]


def _write_deque(encoder: _Encoder, value: Any, depth: int) -> list[Any]:
    return encoder.items(["dq", encoder.encode(value.maxlen, depth)], value, value, depth)


def _write_timedelta(encoder: _Encoder, value: Any, depth: int) -> list[Any]:
    return ["td", value.days, value.seconds, value.microseconds]


def _write_moment(tag: str) -> _Writer:
    def write(encoder: _Encoder, value: Any, depth: int) -> list[Any]:
        zone = getattr(value, "tzinfo", None)
        if zone is not None and type(zone) is not datetime.timezone:
            return ["o", "datetime.aware", True, False]
        return [tag, value.isoformat()]

    return write


def _write_fraction(encoder: _Encoder, value: Any, depth: int) -> list[Any]:
    return ["F", encoder.encode(value.numerator, depth), encoder.encode(value.denominator, depth)]


def _write_range(encoder: _Encoder, value: Any, depth: int) -> list[Any]:
    return ["r", *(encoder.encode(part, depth) for part in (value.start, value.stop, value.step))]


def _write_complex(encoder: _Encoder, value: Any, depth: int) -> list[Any]:
    return ["c", encoder.encode(value.real, depth), encoder.encode(value.imag, depth)]


_WRITERS: dict[type, _Writer] = {
    list: lambda encoder, value, depth: encoder.items("l", value, value, depth),
    tuple: lambda encoder, value, depth: encoder.items("t", value, value, depth),
    set: lambda encoder, value, depth: encoder.items("s", value, value, depth),
    frozenset: lambda encoder, value, depth: encoder.items("S", value, value, depth),
    dict: lambda encoder, value, depth: encoder.pairs("d", value, value.items(), depth),
    collections.defaultdict: lambda encoder, value, depth: encoder.pairs(
        "dd", value, value.items(), depth
    ),
    collections.Counter: lambda encoder, value, depth: encoder.pairs(
        "ct", value, dict.items(value), depth
    ),
    collections.OrderedDict: lambda encoder, value, depth: encoder.pairs(
        "od", value, value.items(), depth
    ),
    collections.deque: _write_deque,
    type({}.keys()): lambda encoder, value, depth: encoder.items("dk", value, value, depth),
    type({}.values()): lambda encoder, value, depth: encoder.items("dv", value, value, depth),
    type({}.items()): lambda encoder, value, depth: encoder.items("di", value, value, depth),
    bytes: lambda encoder, value, depth: encoder.text("b", value.hex()),
    bytearray: lambda encoder, value, depth: encoder.text("B", value.hex()),
    complex: _write_complex,
    range: _write_range,
    decimal.Decimal: lambda encoder, value, depth: encoder.text("D", str(value)),
    fractions.Fraction: _write_fraction,
    datetime.date: _write_moment("date"),
    datetime.time: _write_moment("time"),
    datetime.datetime: _write_moment("dt"),
    datetime.timedelta: _write_timedelta,
    EllipsisType: lambda encoder, value, depth: ["e"],
}


def encode(value: object) -> tuple[Any, bool]:
    """Write ``value`` as JSON-able data.

    Returns:
        The data, and whether something in it only claimed to be plain (a subclass of a plain type).
    """
    encoder = _Encoder()
    try:
        return encoder.encode(value), encoder.impostor
    except _RefusedError as refused:
        return ["x", refused.args[0]], encoder.impostor
