# /// redteam
# category = "namespace"
# limits = { wall_s = 4.0 }
# ///
"""Joins the namespaces of process 1 and of its parent, by file and by process descriptor."""

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

joined = []
for pid in {1, os.getppid()} - {0}:
    descriptor = call(434, 434, pid, 0)
    if descriptor >= 0:
        for flag in (0x10000000, 0x20000, 0x8000000, 0x40000000, 0x20000000):
            if call(308, 268, descriptor, flag) == 0:
                joined.append((pid, flag))
    for name in ("user", "mnt", "ipc", "net", "pid", "uts", "cgroup"):
        try:
            if call(308, 268, os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY), 0) == 0:
                joined.append((pid, name))
        except OSError:
            pass
print("contained" if not joined else f"BREACH {joined}")
