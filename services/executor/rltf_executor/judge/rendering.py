"""Shows decoded values and raw output in a result: as JSON, or else as a bounded ``repr``."""

import math
from collections.abc import Sized
from typing import Final

from pydantic import JsonValue

from rltf_executor.judge.foreign import NumpyArray
from rltf_executor.judge.sources import printable

MAX_REPR_CHARS: Final = 2000
MAX_REPR_NODES: Final = 20_000
_MAX_INT_BITS: Final = 14_000  # longer ones Python refuses to write in decimal


def json_value(value: object) -> JsonValue:
    """Gives a value as JSON (tuples as lists), or as ``{"repr": "..."}`` if it is none."""
    try:
        return _json(value)
    except ValueError:
        return {"repr": _bounded_repr(value)}


def text(output: bytes) -> str:
    """Gives what a program printed; bytes that are no UTF-8 are shown as escapes."""
    return output.decode("utf-8", "backslashreplace")


def _json(value: object) -> JsonValue:
    kind = type(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if printable(value) != value:
            raise ValueError("lone surrogates")
        return value
    if isinstance(value, int):
        if value.bit_length() > _MAX_INT_BITS:
            raise ValueError("too long for a decimal number")
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("not finite")
        return value
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if kind is dict and isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("keys that are no strings")
        return {printable(key): _json(item) for key, item in value.items()}
    raise ValueError("no JSON value")


def _bounded_repr(value: object) -> str:
    if _num_nodes(value) > MAX_REPR_NODES:
        return f"<{type(value).__name__} of more than {MAX_REPR_NODES} items>"
    if isinstance(value, int):
        shown = f"{value:#x}"
    else:
        try:
            shown = repr(value)
        except (ValueError, RecursionError):  # an integer somewhere within that is too long
            shown = f"<{type(value).__name__}>"
    if len(shown) > MAX_REPR_CHARS:
        shown = shown[: MAX_REPR_CHARS - 1] + "…"
    return printable(shown)


def _num_nodes(value: object) -> int:
    """Counts what a repr would show, up to a little above the bound."""
    count = 0
    stack = [value]
    while stack and count <= MAX_REPR_NODES:
        item = stack.pop()
        count += 1
        if isinstance(item, dict):
            stack.extend(item.keys())
            stack.extend(item.values())
        elif isinstance(item, list | tuple | set | frozenset):
            stack.extend(item)
        elif isinstance(item, NumpyArray):
            count += len(item.items)
        elif isinstance(item, str | bytes | bytearray):
            count += len(item) // 64
        elif isinstance(item, Sized) and not isinstance(item, range):
            count += len(item)
    return count
