# /// redteam
# category = "ptrace"
# limits = { wall_s = 4.0 }
# ///
"""Attaches to process 1 and to its parent as a debugger."""

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

attached = []
for pid in {1, os.getppid()} - {0}:
    for request in (16, 0x4206):  # PTRACE_ATTACH, PTRACE_SEIZE
        if libc.ptrace(request, pid, ctypes.c_void_p(0), ctypes.c_void_p(0)) == 0:
            attached.append(pid)
print("contained" if not attached else f"BREACH attached to {attached}")
