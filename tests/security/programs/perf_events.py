# /// redteam
# category = "kernel"
# limits = { wall_s = 4.0 }
# ///
"""Opens a performance counter, on itself and on everything."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


attributes = ctypes.create_string_buffer(128)
ctypes.memmove(attributes, (ctypes.c_uint32 * 2)(1, 128), 8)
opened = [target for target in (0, -1) if call(298, 241, attributes, target, 0 if target else -1, -1, 0) >= 0]
print("contained" if not opened else "BREACH perf_event_open")
