# /// redteam
# category = "report"
# allowed = ["runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Exits with something that is no exit code."""

import sys


class Odd:
    def __str__(self):
        raise KeyboardInterrupt


sys.exit([10**30, -1, "\ud800", Odd()])
