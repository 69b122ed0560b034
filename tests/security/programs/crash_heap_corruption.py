# /// redteam
# category = "crash"
# allowed = ["runtime_error", "timeout", "memory_limit", "wrong_answer", "security_violation"]
# limits = { wall_s = 3.0 }
# ///
"""Overwrites the interpreter's own objects."""

import ctypes

ctypes.memset(id(type) , 0xFF, 400)
ctypes.memset(id(int), 0xFF, 400)
while True:
    int(3.5)
