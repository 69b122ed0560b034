"""Decodes the values a sandbox shipped into plain Python objects; trusts and evaluates nothing.

The encoding (tagged JSON) is written in ``runner/values.py``, next to a hostile program. Anything
else than what that encoder writes is refused with ValueError; depth, size and the cost of hashing
are bounded.
"""

import builtins
import math
import re
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from rltf_executor.judge.foreign import DictValues, NumpyArray, NumpyScalar, Opaque

MAX_NODES: Final = (
    1_100_000  # the encoder stops at 1,000,000; pairs of a dict view count a little differently
)
MAX_DEPTH: Final = 205
MAX_COLLISIONS: Final = 50  # members of one set or dict with the same hash
MAX_FRACTION_BITS: Final = 32_768
MAX_INT_BITS: Final = 1 << 18  # of one integer; comparing with a Decimal takes quadratic time
MAX_SQUARED_BITS: Final = 5 * 10**11  # of all together: about a second of that
MAX_DECIMAL_CHARS: Final = 20_000
_SAFE_INT: Final = 2**53

_BUILTIN_TYPES: Final = {
    f"builtins.{name}": value for name, value in vars(builtins).items() if isinstance(value, type)
}
_NON_FINITE: Final = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_DECIMAL: Final = re.compile(
    r"-?(?:[0-9]+(?:\.[0-9]*)?(?:E[+-]?[0-9]{1,19})?|Infinity|s?NaN[0-9]*)", re.ASCII
)
_NUMPY_TYPES: Final = {
    "b": bool,
    "i": int,
    "u": int,
    "f": float,
    "c": complex,
    "S": bytes,
    "U": str,
}
_HEX: Final = re.compile(r"-?0x[0-9a-f]+", re.ASCII)
_DTYPE: Final = re.compile(r"[<>|=]?[biufcSU][0-9]{0,9}", re.ASCII)


class _TooCostlyError(Exception):
    """A value that an honest program may make, and that would take too long to compare here."""


class _Decoder:
    __slots__ = ("claims", "nodes", "squared_bits")

    def __init__(self) -> None:
        self.nodes = MAX_NODES
        self.claims = False
        self.squared_bits = MAX_SQUARED_BITS

    def decode(self, data: object, depth: int = 0) -> object:
        if not isinstance(data, list):
            self.nodes -= 1
            if data is None or isinstance(data, bool | str):
                return data
            if isinstance(data, int) and -_SAFE_INT < data < _SAFE_INT:
                return data
            if isinstance(data, float) and math.isfinite(data):
                return data
            raise ValueError(f"a value of type {type(data).__name__}")
        if not data or type(data[0]) is not str:
            raise ValueError("an array without a tag")
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        if self.nodes < len(data):
            raise ValueError("too many nodes")
        self.nodes -= 1
        reader = _READERS.get(data[0])
        if reader is None:
            raise ValueError("an unknown tag")
        try:
            return reader(self, data, depth + 1)
        except _TooCostlyError:
            return Opaque(f"value refused for its cost: {data[0]}")

    def members(self, data: Sequence[object], depth: int) -> list[object]:
        decode = self.decode
        return [decode(item, depth) for item in data]

    def hashable(self, items: list[object]) -> list[Hashable]:
        """Gives ``items``, checked to be cheap to put in a set."""
        try:
            if len(items) <= MAX_COLLISIONS:
                for item in items:
                    hash(item)
            elif Counter(map(hash, items)).most_common(1)[0][1] > MAX_COLLISIONS:
                raise _TooCostlyError
        except TypeError as error:
            raise ValueError("a member that cannot be hashed") from error
        return items

    def mapping(self, data: Sequence[object], depth: int) -> dict[Hashable, object]:
        if len(data) % 2:
            raise ValueError("a key without a value")
        keys = self.hashable(self.members(data[0::2], depth))
        decoded = dict(zip(keys, self.members(data[1::2], depth), strict=True))
        if len(decoded) != len(keys):
            raise ValueError("a key that occurs twice")
        return decoded

    def integer(self, data: object) -> int:
        value = self.decode(data)
        if isinstance(value, Opaque):
            raise _TooCostlyError
        if type(value) is not int:
            raise ValueError("no integer")
        return value


_Reader = Callable[[_Decoder, list[object], int], object]


def _sized(data: list[object], length: int) -> list[object]:
    if len(data) != length:
        raise ValueError(f"{data[0]} with {len(data) - 1} parts")
    return data


def _text(data: list[object]) -> str:
    text = _sized(data, 2)[1]
    if type(text) is not str:
        raise ValueError(f"{data[0]} without a text")
    return text


def _read_int(decoder: _Decoder, data: list[object], depth: int) -> int | Opaque:
    text = _text(data)
    if _HEX.fullmatch(text) is None:
        raise ValueError("no hexadecimal integer")
    num_bits = 4 * len(text)
    if num_bits > MAX_INT_BITS:
        return Opaque("int", claims=True)
    decoder.squared_bits -= num_bits * num_bits
    if decoder.squared_bits < 0:
        raise _TooCostlyError
    return int(text, 16)


def _read_float(decoder: _Decoder, data: list[object], depth: int) -> float:
    text = _text(data)
    if text not in _NON_FINITE:
        raise ValueError("a finite float in an array")
    return float(text)  # a fresh nan each time: `in` and `==` on lists look at identity first


def _read_complex(decoder: _Decoder, data: list[object], depth: int) -> complex:
    real, imag = decoder.members(_sized(data, 3)[1:], depth)
    if type(real) is not float or type(imag) is not float:
        raise ValueError("a complex number not made of floats")
    return complex(real, imag)


def _read_bytes(decoder: _Decoder, data: list[object], depth: int) -> bytes:
    return bytes.fromhex(_text(data))


def _read_bytearray(decoder: _Decoder, data: list[object], depth: int) -> bytearray:
    return bytearray.fromhex(_text(data))


def _read_list(decoder: _Decoder, data: list[object], depth: int) -> list[object]:
    return decoder.members(data[1:], depth)


def _read_tuple(decoder: _Decoder, data: list[object], depth: int) -> tuple[object, ...]:
    return tuple(decoder.members(data[1:], depth))


def _read_set(decoder: _Decoder, data: list[object], depth: int) -> set[Hashable]:
    return set(decoder.hashable(decoder.members(data[1:], depth)))


def _read_frozenset(decoder: _Decoder, data: list[object], depth: int) -> frozenset[Hashable]:
    return frozenset(decoder.hashable(decoder.members(data[1:], depth)))


def _read_dict(decoder: _Decoder, data: list[object], depth: int) -> object:
    return decoder.mapping(data[1:], depth)


def _read_defaultdict(decoder: _Decoder, data: list[object], depth: int) -> object:
    return defaultdict(None, decoder.mapping(data[1:], depth))


def _read_counter(decoder: _Decoder, data: list[object], depth: int) -> object:
    counter = Counter[Hashable]()
    for key, count in decoder.mapping(data[1:], depth).items():
        counter[key] = count  # type: ignore[assignment]  # counts of any type
    return counter


def _read_ordered_dict(decoder: _Decoder, data: list[object], depth: int) -> object:
    return OrderedDict(decoder.mapping(data[1:], depth))


def _read_deque(decoder: _Decoder, data: list[object], depth: int) -> object:
    if len(data) < 2:
        raise ValueError("a deque without a maxlen")
    maxlen = None if data[1] is None else decoder.integer(data[1])
    items = decoder.members(data[2:], depth)
    if maxlen is not None and not len(items) <= maxlen < 2**63:
        raise ValueError("a deque longer than its maxlen")
    return deque(items, maxlen)


def _read_range(decoder: _Decoder, data: list[object], depth: int) -> range:
    start, stop, step = (decoder.integer(part) for part in _sized(data, 4)[1:])
    return range(start, stop, step)  # a step of zero is a ValueError


def _read_keys(decoder: _Decoder, data: list[object], depth: int) -> object:
    return dict.fromkeys(decoder.hashable(decoder.members(data[1:], depth))).keys()


def _read_values(decoder: _Decoder, data: list[object], depth: int) -> object:
    return DictValues(decoder.members(data[1:], depth))


def _read_items(decoder: _Decoder, data: list[object], depth: int) -> object:
    pairs = decoder.members(data[1:], depth)
    flat: list[object] = []
    for pair in pairs:
        if type(pair) is not tuple or len(pair) != 2:
            raise ValueError("an item that is no pair")
        flat.extend(pair)
    keys = decoder.hashable(flat[0::2])
    return dict(zip(keys, flat[1::2], strict=True)).items()


def _read_namedtuple(decoder: _Decoder, data: list[object], depth: int) -> tuple[object, ...]:
    if len(data) < 3 or type(data[1]) is not str or type(data[2]) is not list:
        raise ValueError("a namedtuple without its names")
    fields = data[2]
    if len(fields) != len(data) - 3 or any(type(field) is not str for field in fields):
        raise ValueError("a namedtuple whose names are wrong")
    return tuple(decoder.members(data[3:], depth))


def _read_decimal(decoder: _Decoder, data: list[object], depth: int) -> object:
    text = _text(data)
    if len(text) > MAX_DECIMAL_CHARS:
        return Opaque("decimal.Decimal", truth=True)
    if _DECIMAL.fullmatch(text) is None:
        raise ValueError("no decimal number")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError("a decimal number out of range") from error


def _read_fraction(decoder: _Decoder, data: list[object], depth: int) -> object:
    numerator, denominator = (decoder.integer(part) for part in _sized(data, 3)[1:])
    if denominator <= 0:
        raise ValueError("a fraction without a positive denominator")
    if max(numerator.bit_length(), denominator.bit_length()) > MAX_FRACTION_BITS:
        return Opaque("fractions.Fraction", truth=True)
    return Fraction(numerator, denominator)


def _read_timedelta(decoder: _Decoder, data: list[object], depth: int) -> timedelta:
    days, seconds, microseconds = (decoder.integer(part) for part in _sized(data, 4)[1:])
    try:
        return timedelta(days, seconds, microseconds)
    except OverflowError as error:
        raise ValueError("a timedelta out of range") from error


def _read_numpy_scalar(decoder: _Decoder, data: list[object], depth: int) -> NumpyScalar:
    _, dtype, item = _sized(data, 3)
    if type(dtype) is not str or _DTYPE.fullmatch(dtype) is None:
        raise ValueError("an unknown dtype")
    return NumpyScalar(dtype, _numpy_item(decoder.decode(item, depth), dtype))


def _read_numpy_array(decoder: _Decoder, data: list[object], depth: int) -> NumpyArray:
    if len(data) < 3 or type(data[1]) is not str or _DTYPE.fullmatch(data[1]) is None:
        raise ValueError("an array with an unknown dtype")
    shape = data[2]
    if type(shape) is not list or len(shape) > 64:
        raise ValueError("an array without a shape")
    if any(type(size) is not int or not 0 <= size <= MAX_NODES for size in shape):
        raise ValueError("an array with a wrong shape")
    if math.prod(size or 1 for size in shape) > MAX_NODES:  # rows that hold nothing count, too
        raise ValueError("an array of too many rows")
    items = [_numpy_item(item, data[1]) for item in decoder.members(data[3:], depth)]
    if math.prod(shape) != len(items):
        raise ValueError("an array that does not fill its shape")
    return NumpyArray(data[1], tuple(shape), items)


def _numpy_item(item: object, dtype: str) -> object:
    if type(item) is not _NUMPY_TYPES[dtype.lstrip("<>|=")[0]]:
        raise ValueError("a numpy item of another type")
    return item


def _read_type(decoder: _Decoder, data: list[object], depth: int) -> object:
    name = _text(data)
    return _BUILTIN_TYPES.get(name) or Opaque("builtins.type", truth=True)


def _read_ellipsis(decoder: _Decoder, data: list[object], depth: int) -> object:
    _sized(data, 1)
    return ...


def _read_opaque(decoder: _Decoder, data: list[object], depth: int) -> Opaque:
    _, name, truth, claims = _sized(data, 4)
    if (
        type(name) is not str
        or not (truth is None or type(truth) is bool)
        or type(claims) is not bool
    ):
        raise ValueError("an object described wrongly")
    decoder.claims = decoder.claims or claims
    return Opaque(name[:200], truth, claims=claims)


def _read_refused(decoder: _Decoder, data: list[object], depth: int) -> Opaque:
    reason = _text(data)
    if reason not in ("size", "depth", "cycle"):
        raise ValueError("refused for an unknown reason")
    return Opaque(f"value refused for its {reason}")


def _iso(read: Callable[[str], object]) -> _Reader:
    def read_iso(decoder: _Decoder, data: list[object], depth: int) -> object:
        return read(_text(data))

    return read_iso


_READERS: Final[dict[object, _Reader]] = {
    "i": _read_int,
    "f": _read_float,
    "c": _read_complex,
    "b": _read_bytes,
    "B": _read_bytearray,
    "l": _read_list,
    "t": _read_tuple,
    "s": _read_set,
    "S": _read_frozenset,
    "d": _read_dict,
    "dd": _read_defaultdict,
    "ct": _read_counter,
    "od": _read_ordered_dict,
    "dq": _read_deque,
    "r": _read_range,
    "dk": _read_keys,
    "dv": _read_values,
    "di": _read_items,
    "nt": _read_namedtuple,
    "D": _read_decimal,
    "F": _read_fraction,
    "date": _iso(date.fromisoformat),
    "time": _iso(time.fromisoformat),
    "dt": _iso(datetime.fromisoformat),
    "td": _read_timedelta,
    "np": _read_numpy_scalar,
    "na": _read_numpy_array,
    "T": _read_type,
    "e": _read_ellipsis,
    "o": _read_opaque,
    "x": _read_refused,
}


def decode(data: object) -> tuple[object, bool]:
    """Decodes one shipped value.

    Returns:
        The value, and whether something in it only claims to be plain data.

    Raises:
        ValueError: This is not what the encoder writes.
    """
    decoder = _Decoder()
    try:
        return decoder.decode(data), decoder.claims
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
