# /// redteam
# category = "time"
# kind = "call"
# allowed = ["timeout"]
# limits = { wall_s = 1.0, total_s = 2.0 }
# tests = 40
# ///
"""Uses nearly its whole limit in each of forty tests: the submission has a bound of its own."""

import time


def solve(number):
    time.sleep(0.9)
    return "contained"
