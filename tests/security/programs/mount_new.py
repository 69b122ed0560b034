# /// redteam
# category = "mount"
# limits = { wall_s = 4.0 }
# ///
"""Mounts a tmpfs, a proc, an overlay and a bind mount over its own directory."""

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

os.makedirs("place", exist_ok=True)
mounted = []
for kind in (b"tmpfs", b"proc", b"sysfs", b"cgroup2", b"devpts", b"overlay"):
    if libc.mount(b"none", b"place", kind, ctypes.c_ulong(0), None) == 0:
        mounted.append(kind)
if libc.mount(b"/", b"place", None, ctypes.c_ulong(4096), None) == 0:
    mounted.append(b"bind")
print("contained" if not mounted else f"BREACH {mounted}")
