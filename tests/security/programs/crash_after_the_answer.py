# /// redteam
# category = "crash"
# allowed = ["runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Prints the right answer and crashes on its way out: the end counts."""

import atexit
import ctypes

print("contained", flush=True)
atexit.register(ctypes.string_at, 0)
