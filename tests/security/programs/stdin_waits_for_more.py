# /// redteam
# category = "stdin"
# allowed = ["timeout"]
# limits = { wall_s = 1.0 }
# ///
"""Waits on a pipe of its own making that nobody writes to."""

import os

read_end, write_end = os.pipe()
os.dup2(read_end, 0)
input()
