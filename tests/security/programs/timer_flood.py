# /// redteam
# category = "signal"
# allowed = ["passed", "timeout", "runtime_error"]
# limits = { wall_s = 2.0 }
# ///
"""Makes POSIX timers that fire as fast as they can."""

import ctypes
import signal

signal.signal(signal.SIGALRM, signal.SIG_IGN)
libc = ctypes.CDLL(None)
for _ in range(10_000):
    timer = ctypes.c_void_p()
    if libc.timer_create(1, None, ctypes.byref(timer)) != 0:
        break
    libc.timer_settime(timer, 0, (ctypes.c_long * 4)(0, 1000, 0, 1000), None)
print("contained")
