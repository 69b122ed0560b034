# /// redteam
# category = "report"
# allowed = ["runtime_error", "memory_limit", "timeout"]
# limits = { wall_s = 4.0 }
# ///
"""Raises from fifty thousand calls deep."""

import sys

sys.setrecursionlimit(60_000)


def down(depth):
    if depth:
        down(depth - 1)
    else:
        raise ValueError("bottom")


down(50_000)
