# /// redteam
# category = "privilege"
# limits = { wall_s = 4.0 }
# ///
"""Locks memory without bound, so that nothing can be reclaimed."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


import mmap

area = mmap.mmap(-1, 128 << 20)
address = ctypes.addressof(ctypes.c_char.from_buffer(area))
print("BREACH 128 MiB locked" if libc.mlock(ctypes.c_void_p(address), ctypes.c_size_t(128 << 20)) == 0 else "contained")
