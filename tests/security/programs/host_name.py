# /// redteam
# category = "kernel"
# limits = { wall_s = 4.0 }
# ///
"""Changes the names of the host and its domain."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


names = [number for number in ((170, 161), (171, 162)) if call(*number, b"redteam", 7) == 0]
print("contained" if not names else "BREACH host name")
