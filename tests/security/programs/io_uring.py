# /// redteam
# category = "kernel"
# limits = { wall_s = 4.0 }
# ///
"""Sets up an io_uring, whose operations pass no system call filter."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


parameters = ctypes.create_string_buffer(240)
print("BREACH io_uring" if call(425, 425, 8, parameters) >= 0 else "contained")
