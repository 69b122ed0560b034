# /// redteam
# category = "privilege"
# limits = { wall_s = 4.0 }
# ///
"""Asks to be root, and to be in other groups."""

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

before = os.getuid()
gained = []
for name, change in (("setuid", lambda: os.setuid(0)), ("setreuid", lambda: os.setreuid(0, 0)), ("setresuid", lambda: os.setresuid(0, 0, 0)), ("setgid", lambda: os.setgid(0)), ("setgroups", lambda: os.setgroups([0, 27, 999])), ("other user", lambda: os.setuid(1))):
    try:
        change()
        gained.append(name)
    except OSError:
        pass
print("contained" if before != 0 and not gained else f"BREACH {before} {gained}")
