# /// redteam
# category = "kernel"
# limits = { wall_s = 4.0 }
# ///
"""Loads and removes kernel modules, loads a kernel to boot, reboots."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


worked = []
if call(175, 105, b"x", 1, b"") == 0:
    worked.append("init_module")
if call(313, 273, 0, b"", 0) == 0:
    worked.append("finit_module")
for name, numbers, arguments in (("init_module", (175, 105), (b"x", 1, b"")), ("delete_module", (176, 106), (b"no_such_module", 0)), ("kexec_load", (246, 104), (0, 0, 0, 0))):
    call(*numbers, *arguments)
    if ctypes.get_errno() not in (1, 38):
        worked.append((name, ctypes.get_errno()))
print("contained" if not worked else f"BREACH {worked}")
