"""What every child shares: the objects there are before the first fork, kept from being copied.

A child that so much as looks at an object writes its reference count, and the kernel copies the
page for it. Immortal objects (PEP 683, Python 3.12) are not counted. Nothing in here is content.
"""

import ctypes
import gc
import sys
from types import CodeType
from typing import Any

_WORD = ctypes.c_uint32  # the half of the count that says whether it counts


def settle() -> None:
    """Make all that lives immortal, and leave it to no collector."""
    gc.collect()
    if sys.version_info >= (3, 12) and sys.byteorder == "little":
        _make_immortal(gc.get_objects())
    gc.freeze()


def _make_immortal(found: list[Any]) -> None:
    immortal = _WORD.from_address(id(None)).value
    while found:
        value = found.pop()
        count = _WORD.from_address(id(value))
        if count.value == immortal:
            continue
        count.value = immortal
        found.extend(gc.get_referents(value))
        if type(value) is dict:  # the collector is not told of keys that are strings
            found.extend(value)
        elif type(value) is CodeType:  # nor of anything in code
            found.extend((value.co_consts, value.co_names, value.co_filename, value.co_name))
            found.extend((value.co_qualname, value.co_linetable, value.co_exceptiontable))
