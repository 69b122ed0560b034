# /// redteam
# category = "mount"
# limits = { wall_s = 4.0 }
# ///
"""Remounts the root file system writable, and unmounts what hides /proc."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


changed = []
for path in (b"/", b"/tmp", b"/proc", b"/dev/shm", b"/usr"):
    if libc.mount(None, path, None, ctypes.c_ulong(32), None) == 0:
        changed.append(path)
for path in (b"/proc", b"/tmp", b"/dev/shm", b"/dev/mqueue"):
    if libc.umount2(path, 2) == 0:
        changed.append(path)
print("contained" if not changed else f"BREACH {changed}")
