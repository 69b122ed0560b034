# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Leaves a POSIX message queue."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
try:
    queue = libc.mq_open(b"/left_behind", 0o100 | 2, 0o666, None)
except AttributeError:
    queue = -1
print("contained")
