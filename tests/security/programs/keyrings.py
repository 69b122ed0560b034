# /// redteam
# category = "kernel"
# limits = { wall_s = 4.0 }
# ///
"""Stores a key where the next program of the same user could read it."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


worked = []
for ring in (-1, -2, -3, -4, -5):
    if call(248, 217, b"user", b"redteam", b"left behind", 11, ring) >= 0:
        worked.append(ring)
if call(250, 219, 1, b"redteam") >= 0:
    worked.append("join session")
print("contained" if not worked else f"BREACH keyrings {worked}")
