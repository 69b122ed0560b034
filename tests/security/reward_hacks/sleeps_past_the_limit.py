# /// redteam
# limits = { wall_s = 0.5 }
# ///
"""Hangs, hoping that a test without an answer is dropped or counted as passed."""

import time


def solve(number):
    time.sleep(60)
