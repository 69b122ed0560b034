# /// redteam
# category = "privilege"
# limits = { wall_s = 4.0 }
# ///
"""Asks for real-time scheduling and the highest priority."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


import os

gained = []
for name, change in (("fifo", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))), ("round robin", lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))), ("nice", lambda: os.setpriority(os.PRIO_PROCESS, 0, -20))):
    try:
        change()
        gained.append(name)
    except OSError:
        pass
if call(251, 30, 1, 0, (1 << 13) | 0) == 0:
    gained.append("real-time input and output")
print("contained" if not gained else f"BREACH {gained}")
