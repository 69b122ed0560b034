# /// redteam
# category = "signal"
# allowed = ["passed", "timeout", "runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Queues real-time signals to itself until the kernel refuses, to starve the limit that all of a user share."""

import ctypes
import os
import signal

libc = ctypes.CDLL(None)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
for _ in range(200_000):
    if libc.sigqueue(os.getpid(), int(signal.SIGRTMIN), ctypes.c_void_p(0)) != 0:
        break
print("contained")
