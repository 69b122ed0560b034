# /// redteam
# category = "kernel"
# limits = { wall_s = 4.0 }
# ///
"""Opens a userfaultfd, with which races in the kernel are won."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


print("BREACH userfaultfd" if max(call(323, 282, 0), call(323, 282, 1)) >= 0 else "contained")
