# /// redteam
# category = "ptrace"
# limits = { wall_s = 4.0 }
# ///
"""Takes descriptors out of process 1 and its parent with pidfd_getfd."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


import os

taken = []
for pid in {1, os.getppid()} - {0}:
    process = call(434, 434, pid, 0)
    if process >= 0:
        for number in range(64):
            if call(438, 438, process, number, 0) >= 0:
                taken.append((pid, number))
print("contained" if not taken else f"BREACH {taken[:5]}")
