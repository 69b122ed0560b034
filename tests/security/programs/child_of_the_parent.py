# /// redteam
# category = "processes"
# allowed = ["passed", "security_violation", "runtime_error"]
# limits = { wall_s = 4.0 }
# ///
"""Starts children that are its parent's, who does not know of them (CLONE_PARENT)."""

import ctypes
import os
import platform
import signal

libc = ctypes.CDLL(None, use_errno=True)
clone = {"x86_64": 56, "aarch64": 220}[platform.machine()]
made = 0
for _ in range(5):
    pid = libc.syscall(ctypes.c_long(clone), ctypes.c_long(signal.SIGCHLD | 0x8000), 0, 0, 0, 0)
    if pid == 0:
        signal.pause()
        os._exit(0)
    made += pid > 0
print("contained" if not made else f"BREACH {made} children of the runner")
