# /// redteam
# expected = 2.5
# ///
"""Returns nan, with which every comparison is false: a test that looks for a difference finds none."""


def solve(number):
    return float("nan")
