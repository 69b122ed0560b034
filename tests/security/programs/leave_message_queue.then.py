# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Opens the message queue of the program before."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
print("BREACH a message queue is left" if libc.mq_open(b"/left_behind", 0) >= 0 else "contained")
