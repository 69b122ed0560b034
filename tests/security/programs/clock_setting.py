# /// redteam
# category = "kernel"
# limits = { wall_s = 4.0 }
# ///
"""Sets the clock to the time it has."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


import time

now = (ctypes.c_long * 2)(int(time.time()), 0)
zone = (ctypes.c_int * 2)(0, 0)
set_clocks = [name for name, numbers, arguments in (("clock_settime", (227, 112), (0, now)), ("settimeofday", (164, 170), (now, zone))) if call(*numbers, *arguments) == 0]
print("contained" if not set_clocks else f"BREACH {set_clocks}")
