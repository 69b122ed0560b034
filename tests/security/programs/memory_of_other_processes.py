# /// redteam
# category = "ptrace"
# limits = { wall_s = 4.0 }
# ///
"""Reads and writes the memory of process 1, its parent and its neighbours with process_vm calls."""

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

buffer = ctypes.create_string_buffer(4096)
address = ctypes.addressof(buffer)
local = (ctypes.c_size_t * 2)(address, 64)
remote = (ctypes.c_size_t * 2)(address, 64)
reached = []
for pid in {1, 2, os.getppid(), os.getpid() - 1} - {0, os.getpid()}:
    for name, numbers in (("read", (310, 270)), ("write", (311, 271))):
        if call(*numbers, pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) > 0:
            reached.append((name, pid))
print("contained" if not reached else f"BREACH {reached}")
