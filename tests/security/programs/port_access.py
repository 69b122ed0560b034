# /// redteam
# category = "kernel"
# limits = { wall_s = 4.0 }
# ///
"""Asks for the right to use I/O ports and installs a descriptor table (x86 only)."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


if MACHINE != "x86_64":
    print("contained")
else:
    entry = (ctypes.c_uint32 * 4)(0, 0, 0xFFFFF, 0x51)
    granted = [name for name, number, arguments in (("iopl", 172, (3,)), ("ioperm", 173, (0x80, 1, 1)), ("modify_ldt", 154, (1, ctypes.byref(entry), 16))) if call(number, 0, *arguments) == 0]
    print("contained" if not granted else f"BREACH {granted}")
