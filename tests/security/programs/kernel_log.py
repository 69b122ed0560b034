# /// redteam
# category = "kernel"
# limits = { wall_s = 4.0 }
# ///
"""Reads the kernel's log."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


buffer = ctypes.create_string_buffer(4096)
print("BREACH syslog" if call(103, 116, 3, buffer, 4096) >= 0 else "contained")
