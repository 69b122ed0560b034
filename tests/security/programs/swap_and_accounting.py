# /// redteam
# category = "kernel"
# limits = { wall_s = 4.0 }
# ///
"""Turns on swap and process accounting."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


open("swapfile", "wb").write(bytes(65536))
print("BREACH swapon or acct" if 0 in (call(167, 224, b"swapfile", 0), call(163, 89, b"swapfile")) else "contained")
