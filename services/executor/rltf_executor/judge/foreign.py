"""Stand-ins for values without a counterpart in the service: the program's objects, and numpy's.

They answer to Python's operators, so that ``==`` on decoded data means what it means in the
sandbox. An ``Opaque`` equals nothing. What a numpy array's truth value is, is an error here as it
is there.
"""

import math
import operator
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rltf_executor.judge.numbers import Number, as_number

MAX_BROADCAST_ITEMS: Final = 1_000_000

_WEAK_FORMATS: Final = {"f4": "f", "f2": "e"}
_AMBIGUOUS: Final = (
    "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
)


class UnknownTruthError(Exception):
    """The truth value of an object was not shipped with it."""


class UndecidedError(Exception):
    """Only an object of the program could tell: neither a comparison nor its opposite holds."""


class Opaque:
    """An object that is no plain data: it equals nothing, and arithmetic with it gives itself."""

    __slots__ = ("claims", "truth", "type_name")

    def __init__(self, type_name: str, truth: bool | None = None, *, claims: bool = False) -> None:
        self.type_name = type_name
        self.truth = truth  # None: its class may decide
        self.claims = claims  # a subclass of a plain type

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        if self.truth is None:
            raise UnknownTruthError(self.type_name)
        return self.truth

    def _ordered(self, other: object) -> bool:
        if self.truth is not None:  # a built-in type, which has no order with plain data
            raise TypeError(f"'<' not supported between {self.type_name!r} and plain data")
        raise UndecidedError

    __lt__ = __le__ = __gt__ = __ge__ = _ordered

    def _combined(self, other: object) -> "Opaque":
        return self

    __sub__ = __rsub__ = __add__ = __radd__ = _combined

    def __abs__(self) -> "Opaque":
        return self

    def __repr__(self) -> str:
        return f"<{self.type_name} object>"


class DictValues:
    """``dict.values()``: a view that equals itself alone."""

    __slots__ = ("items",)
    __hash__ = object.__hash__

    def __init__(self, items: Sequence[object]) -> None:
        self.items = items

    def __eq__(self, other: object) -> bool:
        return self is other

    def __iter__(self) -> Iterator[object]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"dict_values({list(self.items)!r})"


class NumpyScalar:
    """A numpy scalar: compares, orders and subtracts by the Python value it holds."""

    __slots__ = ("dtype", "item")

    def __init__(self, dtype: str, item: object) -> None:
        self.dtype = dtype
        self.item = item

    def __eq__(self, other: object) -> bool:
        return bool(self.item == self._partner(other))

    def __hash__(self) -> int:
        return hash(self.item)

    def __bool__(self) -> bool:
        return bool(self.item)

    def __lt__(self, other: object) -> bool:
        return self._ordered(operator.lt, other)

    def __le__(self, other: object) -> bool:
        return self._ordered(operator.le, other)

    def __gt__(self, other: object) -> bool:
        return self._ordered(operator.gt, other)

    def __ge__(self, other: object) -> bool:
        return self._ordered(operator.ge, other)

    def __sub__(self, other: object) -> object:
        return self._rounded(as_number(self.item) - as_number(self._partner(other)), other)

    def __rsub__(self, other: object) -> object:
        return self._rounded(as_number(self._partner(other)) - as_number(self.item), other)

    def __abs__(self) -> Number:
        return abs(as_number(self.item))

    def __float__(self) -> float:
        return float(as_number(self.item))

    def __repr__(self) -> str:
        return f"numpy.{self.dtype.lstrip('<>|=')}({self.item!r})"

    def _ordered(self, relation: Callable[..., object], other: object) -> bool:
        return bool(relation(self.item, self._partner(other)))

    def _partner(self, other: object) -> object:
        """Gives what to compare with; a Python float takes on a narrower scalar's precision."""
        if isinstance(other, NumpyScalar):
            return other.item
        code = _WEAK_FORMATS.get(self.dtype[-2:])
        if code is None or type(other) is not float:
            return other
        try:
            return struct.unpack(code, struct.pack(code, other))[0]
        except OverflowError:
            return other  # numpy would take it for infinite, and an infinite answer for right

    def _rounded(self, result: object, other: object) -> object:
        """Gives the result of arithmetic with a Python number in this scalar's own type."""
        if isinstance(other, NumpyScalar):
            return result
        kind = self.dtype.lstrip("<>|=")
        code = _WEAK_FORMATS.get(kind)
        if code is not None and type(result) is float and math.isfinite(result):
            try:
                rounded = struct.unpack(code, struct.pack(code, result))[0]
            except OverflowError:
                rounded = math.copysign(math.inf, result)
            return NumpyScalar(self.dtype, rounded)
        if kind[:1] in ("i", "u") and type(result) is int and type(other) is int:
            bits = 8 * int(kind[1:] or 8)
            wrapped = result % (1 << bits)
            is_negative = kind[:1] == "i" and wrapped >= 1 << (bits - 1)
            return NumpyScalar(self.dtype, wrapped - (1 << bits) if is_negative else wrapped)
        return result

    @property
    def python_type(self) -> type | None:
        """The built-in type it is an instance of, as numpy.float64 is of float."""
        if self.dtype[-2:] == "f8":
            return float
        if self.dtype.endswith("c16"):
            return complex
        return {"U": str, "S": bytes}.get(self.dtype.lstrip("<>|=")[:1])


class NumpyArray:
    """A numpy array as its shape and its items in row order."""

    __slots__ = ("dtype", "items", "shape")

    def __init__(self, dtype: str, shape: tuple[int, ...], items: Sequence[object]) -> None:
        self.dtype = dtype
        self.shape = shape
        self.items = items

    __hash__ = None  # type: ignore[assignment]  # as numpy's, which cannot be hashed

    def __eq__(self, other: object) -> "NumpyArray":  # type: ignore[override]  # elementwise, as numpy's
        return self._elementwise(operator.eq, other)

    def __ne__(self, other: object) -> "NumpyArray":  # type: ignore[override]  # elementwise, as numpy's
        return self._elementwise(operator.ne, other)

    def __lt__(self, other: object) -> "NumpyArray":
        return self._elementwise(operator.lt, other)

    def __le__(self, other: object) -> "NumpyArray":
        return self._elementwise(operator.le, other)

    def __gt__(self, other: object) -> "NumpyArray":
        return self._elementwise(operator.gt, other)

    def __ge__(self, other: object) -> "NumpyArray":
        return self._elementwise(operator.ge, other)

    def __sub__(self, other: object) -> "NumpyArray":
        return self._elementwise(lambda a, b: as_number(a) - as_number(b), other)

    def __rsub__(self, other: object) -> "NumpyArray":
        return self._elementwise(lambda a, b: as_number(b) - as_number(a), other)

    def __abs__(self) -> "NumpyArray":
        return NumpyArray(self.dtype, self.shape, [abs(as_number(item)) for item in self.items])

    def __bool__(self) -> bool:
        if len(self.items) != 1:
            raise ValueError(_AMBIGUOUS)
        return bool(self.items[0])

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[object]:
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        if len(self.shape) == 1:
            return iter(self.items)
        rest = self.shape[1:]
        stride = len(self.items) // self.shape[0] if self.shape[0] else 0
        return (
            NumpyArray(self.dtype, rest, self.items[row * stride : (row + 1) * stride])
            for row in range(self.shape[0])
        )

    def __contains__(self, item: object) -> bool:
        return any(bool(own == item) for own in self.items)

    def __repr__(self) -> str:
        return f"array({nested(self)!r})"

    def _elementwise(self, relation: Callable[..., object], other: object) -> "NumpyArray":
        partner = as_array(other)
        if partner is None:
            raise TypeError(f"no array operation with {type(other).__name__!r}")
        own, partner = broadcast(self, partner)
        if own.shape != partner.shape:
            raise ValueError(
                f"operands could not be broadcast together with shapes {self.shape} {partner.shape}"
            )
        items = [relation(a, b) for a, b in zip(own.items, partner.items, strict=True)]
        return NumpyArray("|b1", own.shape, items)


def unwrapped(value: object) -> object:
    """Gives the Python value a numpy scalar holds, anything else as it is."""
    return value.item if isinstance(value, NumpyScalar) else value


def as_array(value: object) -> NumpyArray | None:
    """Gives ``value`` as numpy.array makes it; None for what is no regular nesting of scalars."""
    if isinstance(value, NumpyArray):
        return value
    if isinstance(value, list | tuple):
        return _stacked(value)
    if isinstance(value, int | float | complex | str | bytes | NumpyScalar):
        return NumpyArray("", (), [unwrapped(value)])
    return None


def _stacked(rows: Sequence[object]) -> NumpyArray | None:
    arrays = [as_array(row) for row in rows]
    if not arrays:
        return NumpyArray("", (0,), [])
    first = arrays[0]
    items: list[object] = []
    for array in arrays:
        if array is None or first is None or array.shape != first.shape:
            return None
        items.extend(array.items)
    return None if first is None else NumpyArray("", (len(rows), *first.shape), items)


def broadcast(left: NumpyArray, right: NumpyArray) -> tuple[NumpyArray, NumpyArray]:
    """Stretches two arrays to one shape as numpy does; those that do not fit stay as they are."""
    if left.shape == right.shape:
        return left, right
    num_axes = max(len(left.shape), len(right.shape))
    shapes = [(1,) * (num_axes - len(array.shape)) + array.shape for array in (left, right)]
    shape: list[int] = []
    for a, b in zip(*shapes, strict=True):
        if a != b and 1 not in (a, b):
            return left, right
        shape.append(b if a == 1 else a)
    if math.prod(shape) > MAX_BROADCAST_ITEMS:
        return left, right
    stretched = [
        NumpyArray(array.dtype, tuple(shape), _stretched(array.items, own, shape))
        for array, own in zip((left, right), shapes, strict=True)
    ]
    return stretched[0], stretched[1]


def _stretched(
    items: Sequence[object], own: Sequence[int], shape: Sequence[int]
) -> Sequence[object]:
    """Repeats the items of an array of shape ``own`` along the axes where it has but one."""
    stretched = list(items)
    inner = 1
    for size, wanted in zip(reversed(own), reversed(shape), strict=True):
        if size != wanted:  # it is one
            blocks = [stretched[start : start + inner] for start in range(0, len(stretched), inner)]
            stretched = [item for block in blocks for item in block * wanted]
        inner *= wanted
        if not inner:
            return []
    return stretched


def nested(array: NumpyArray) -> object:
    """Gives the array as nested lists, as ``tolist`` does."""
    if not array.shape:
        return array.items[0]
    return [nested(row) if isinstance(row, NumpyArray) else row for row in array]
