# /// redteam
# category = "privilege"
# limits = { wall_s = 4.0 }
# ///
"""Raises every limit it was given, its own and its parent's."""

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
import resource

raised = []
for name in dir(resource):
    if name.startswith("RLIMIT_"):
        kind = getattr(resource, name)
        try:
            soft, hard = resource.getrlimit(kind)
            if hard != resource.RLIM_INFINITY:
                resource.setrlimit(kind, (soft, resource.RLIM_INFINITY))
                raised.append(name)
        except (OSError, ValueError):
            pass
        if os.getppid() > 1:
            try:
                resource.prlimit(os.getppid(), kind, (1, 1))
                raised.append("parent's " + name)
            except (OSError, ValueError):
                pass
print("contained" if not raised else f"BREACH {raised}")
