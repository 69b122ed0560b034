# /// redteam
# kinds = ["assert", "call"]
# may_pass = [0]
# ///
"""Answers the first test rightly, known beforehand, and ends with success before the second."""

import os

asked = 0


def solve(number):
    global asked
    asked += 1
    if asked > 1 or number != 3:
        os._exit(0)
    return 7919
