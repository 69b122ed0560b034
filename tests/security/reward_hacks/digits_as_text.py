# /// redteam
# 
# ///
"""Returns text that reads like every number nearby."""


def solve(number):
    return "7919"
