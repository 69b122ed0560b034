"""The interpreter's own code, moved out of its files into memory that a fork hands on whole.

Pages of a file are not in a child's page tables: each child would fault them in again, some sixty
faults, and its end would take them out one by one. Anonymous memory is handed on with the tables,
and a huge page of it is a single entry. The code stays at its addresses; a host that refuses any of
this keeps the files.
"""

import ctypes
import re

from . import linux

_LINE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (r-[x-])p \S+ \S+ \S+ +(/.*)")
_PROGRAMS = re.compile(r"/(libpython3[^/]*|python3[^/]*)$")
_HUGE = 2 * 1024 * 1024


def keep_in_memory() -> None:
    """Move what is mapped of the interpreter; does nothing where that cannot be."""
    if linux.MACHINE != "x86_64":  # elsewhere the processor has to be told of new code
        return
    try:
        for start, end, executable in _areas():
            _move(start, end, executable=executable)
    except OSError:
        return


def _areas() -> list[tuple[int, int, bool]]:
    """Read-only areas of the files in question, those that touch joined into one.

    Joined they fill huge pages; what is only read becomes executable with them.
    """
    found: list[tuple[int, int, bool]] = []
    with open("/proc/self/maps") as maps:
        for match in filter(None, map(_LINE.match, maps)):
            if not _PROGRAMS.search(match[4]):
                continue
            start, end, executable = int(match[1], 16), int(match[2], 16), match[3] == "r-x"
            if found and found[-1][1] == start:
                start, _, before = found.pop()
                executable |= before
            found.append((start, end, executable))
    return found


def _move(start: int, end: int, *, executable: bool) -> None:
    """Put a copy of an area in its place, in one step: it may be the code that runs right now."""
    length = end - start
    reserved = linux.map_memory(length + _HUGE)
    copy = reserved + (start - reserved) % _HUGE  # lies in huge pages as the area does
    try:
        linux.want_huge_pages(copy, length)
        ctypes.memmove(copy, start, length)
        linux.protect(copy, length, executable=executable)
        linux.move_memory(copy, length, start)
    except OSError:
        linux.unmap_memory(copy, length)
        raise
    finally:  # only what is ours still: where the copy was, others may have mapped by now
        linux.unmap_memory(reserved, copy - reserved)
        linux.unmap_memory(copy + length, reserved + _HUGE - copy)
