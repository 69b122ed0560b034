# /// redteam
# category = "privilege"
# limits = { wall_s = 4.0 }
# ///
"""Looks for capabilities it holds, and tries to raise some."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


import struct

header = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0))
data = ctypes.create_string_buffer(24)
call(125, 90, header, data)
effective, permitted = (struct.unpack_from("I", data, 12 * half + offset)[0] for half in (0,) for offset in (0, 4))
header = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0))
everything = ctypes.create_string_buffer(b"\xff" * 24)
raised = call(126, 91, header, everything) == 0
ambient = any(libc.prctl(47, 2, number, 0, 0) == 0 for number in range(41))
print("contained" if not (effective or permitted or raised or ambient) else f"BREACH {effective:x} {permitted:x} {raised} {ambient}")
