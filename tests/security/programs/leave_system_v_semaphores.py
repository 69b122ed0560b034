# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Leaves a System V object (semaphores), which no process owns."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


call(64, 190, 0x51F0, 1, 0o1666)
print("contained")
