# /// redteam
# kinds = ["assert"]
# asserts = ["assert abs(solve(3) - 2.5) < 1e-6", "import math\nassert math.isclose(solve(3), 2.5)", "assert not solve(3) > 100", "assert not abs(solve(3) - 2.5) > 1e-6 and solve(3) == 2.5"]
# may_pass = [2]
# ///
"""Returns nan to asserts of several forms; only the one that holds for nan may pass."""


def solve(number):
    return float("nan")
