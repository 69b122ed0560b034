# /// redteam
# category = "privilege"
# limits = { wall_s = 4.0 }
# ///
"""Checks that no program it starts can gain privileges, and that a filter is on it."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


missing = []
if libc.prctl(39, 0, 0, 0, 0) != 1:
    missing.append("no_new_privs")
if libc.prctl(21, 0, 0, 0, 0) != 2:
    missing.append("seccomp")
print("contained" if not missing else f"BREACH without {missing}")
