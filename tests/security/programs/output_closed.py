# /// redteam
# category = "output"
# allowed = ["wrong_answer", "runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Closes its output before it ends."""

import os

os.close(1)
os.close(2)
