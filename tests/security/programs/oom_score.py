# /// redteam
# category = "privilege"
# limits = { wall_s = 4.0 }
# ///
"""Makes itself the last to be killed when memory runs out."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


import glob
import os

lowered = []
for path in ("/proc/self/oom_score_adj", "/proc/self/oom_adj", f"/proc/{os.getpid()}/oom_score_adj", "/proc/thread-self/oom_score_adj"):
    for value in ("-1000", "0", "-17"):
        try:
            before = open(path).read()
            open(path, "w").write(value)
            if int(open(path).read()) < int(before):
                lowered.append((path, value))
        except (OSError, ValueError):
            pass
print("contained" if not lowered else f"BREACH {lowered}")
