# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Searches its own memory, which came from the runner by a fork, for the marker of the program before."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
PAGE = 4096
residency = ctypes.create_string_buffer(1)
# In two halves: the whole must not be in this program's own memory.
FIRST, SECOND = b"MARKER-of-an-", b"earlier-submission-7d1f"


def is_mapped(address):
    return libc.mincore(ctypes.c_void_p(address), ctypes.c_size_t(PAGE), residency) == 0


def page_at(address):
    # The kernel copies the page into a pipe: one that cannot be read is an error and no crash.
    if libc.write(pipe[1], ctypes.c_void_p(address), ctypes.c_size_t(PAGE)) != PAGE:
        return b""
    return os.read(pipe[0], PAGE)


pipe = os.pipe()
seen, hits, budget = set(), 0, 60_000
libc.sbrk.restype = ctypes.c_void_p
starts = {id(object()), id(ctypes), ctypes.addressof(residency), libc.sbrk(0) - PAGE, id("x" * 5000), id(bytearray(1 << 20)), id({}), id([])}
for start in starts:
    for step in (-PAGE, PAGE):
        address, missing, window = start & ~(PAGE - 1), 0, b""
        while missing < 64 and budget > 0 and address > 0:
            if address in seen:
                break
            seen.add(address)
            data = page_at(address) if is_mapped(address) else b""
            if data:
                budget -= 1
                joined = window + data if step > 0 else data + window
                position = joined.find(FIRST)
                while position >= 0:
                    hits += joined.startswith(SECOND, position + len(FIRST))
                    position = joined.find(FIRST, position + 1)
                window = data[-64:] if step > 0 else data[:64]
                missing = 0
            else:
                missing += 1
                window = b""
            address += step
print("contained" if not hits else "BREACH the memory holds text of an earlier submission")
