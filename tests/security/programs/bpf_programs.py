# /// redteam
# category = "kernel"
# limits = { wall_s = 4.0 }
# ///
"""Loads a BPF map and a BPF program."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


attributes = (ctypes.c_uint32 * 32)(2, 4, 4, 1)
made = call(321, 280, 0, ctypes.byref(attributes), 128) >= 0
code = (ctypes.c_uint64 * 2)(0xB7, 0x95)
license_text = ctypes.create_string_buffer(b"GPL")
load = (ctypes.c_uint64 * 16)(1 | (2 << 32), ctypes.addressof(code), ctypes.addressof(license_text))
loaded = call(321, 280, 5, ctypes.byref(load), 128) >= 0
print("BREACH bpf" if made or loaded else "contained")
