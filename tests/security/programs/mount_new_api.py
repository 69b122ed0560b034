# /// redteam
# category = "mount"
# limits = { wall_s = 4.0 }
# ///
"""Uses the calls of the newer mount interface: fsopen, open_tree, move_mount, mount_setattr."""

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
if call(430, 430, b"tmpfs", 0) >= 0:
    worked.append("fsopen")
if call(428, 428, -100, b"/", 1) >= 0:
    worked.append("open_tree")
if call(433, 433, -100, b"/", 0) >= 0:
    worked.append("fspick")
attributes = (ctypes.c_uint64 * 4)(0, 1, 0, 0)
if call(442, 442, -100, b"/", 0, ctypes.byref(attributes), 32) == 0:
    worked.append("mount_setattr")
print("contained" if not worked else f"BREACH {worked}")
