"""Python's comparisons, on decoded data and what stands for the program's objects."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from rltf_executor.judge.foreign import NumpyArray, NumpyScalar, Opaque, UndecidedError

MAX_SCAN: Final = 1_000_000


def contains_opaque(value: object) -> bool:
    """True if something in decoded data is no plain data."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Opaque):
            return True
        if isinstance(item, NumpyArray):
            continue
        if isinstance(item, dict):
            stack.extend(item.keys())
            stack.extend(item.values())
        elif isinstance(item, Iterable) and not isinstance(item, str | bytes | bytearray | range):
            stack.extend(item)
    return False


def _identical(left: object, right: object) -> bool:
    """``is``, as far as data has an identity: constants do, small ints and literals in effect."""
    if left is right:
        return True
    if type(left) is not type(right) or isinstance(left, list | set | dict | Opaque | NumpyScalar):
        return False
    return isinstance(left, int | str | bytes | float | tuple) and left == right


def is_in(item: object, container: object) -> bool:
    """``item in container``.

    Raises:
        UndecidedError: Only an object of the program could tell.
        TypeError: It is no container.
    """
    if isinstance(container, range) and type(item) not in (int, bool):
        return len(container) <= MAX_SCAN and item in container
    if isinstance(container, Opaque):
        raise UndecidedError
    return item in container  # type: ignore[operator]  # a TypeError where Python raises one


RELATIONS: Final[Mapping[str, Callable[[object, object], object]]] = MappingProxyType(
    {
        "==": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
        "<": lambda a, b: a < b,  # type: ignore[operator]  # a TypeError where Python raises one
        "<=": lambda a, b: a <= b,  # type: ignore[operator]  # likewise
        ">": lambda a, b: a > b,  # type: ignore[operator]  # likewise
        ">=": lambda a, b: a >= b,  # type: ignore[operator]  # likewise
        "is": _identical,
        "is not": lambda a, b: not _identical(a, b),
        "in": lambda a, b: is_in(a, b),
        "not in": lambda a, b: not is_in(a, b),
    }
)
