# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Looks for the object by its key."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


print("BREACH an object of the program before" if call(64, 190, 0x51F0, 0, 0) >= 0 else "contained")
