# /// redteam
# category = "namespace"
# limits = { wall_s = 4.0 }
# ///
"""Makes a user namespace with clone, and with clone3, whose flags lie behind a pointer."""

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

breaches = []
pid = call(56, 220, 0x10000000 | 17, 0, 0, 0, 0)
if pid == 0:
    os._exit(0)
if pid > 0:
    breaches.append("clone")
arguments = (ctypes.c_uint64 * 11)(0x10000000 | 0x20000, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)
pid = call(435, 435, ctypes.byref(arguments), 88)
if pid == 0:
    os._exit(0)
if pid > 0:
    breaches.append("clone3")
print("contained" if not breaches else f"BREACH {breaches}")
