# /// redteam
# category = "privilege"
# limits = { wall_s = 4.0 }
# ///
"""Pushes input into a terminal it might share with the service."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


import fcntl
import os

pushed = []
for descriptor in (0, 1, 2):
    try:
        fcntl.ioctl(descriptor, 0x5412, b"x")  # TIOCSTI
        pushed.append(descriptor)
    except OSError:
        pass
try:
    fcntl.ioctl(os.open("/dev/tty", os.O_RDWR), 0x5412, b"x")
    pushed.append("tty")
except OSError:
    pass
print("contained" if not pushed else f"BREACH {pushed}")
