# /// redteam
# expected = 2.5
# checker = { kind = "approx", float_tolerance = 1e-6 }
# kinds = ["call"]
# ///
"""Returns nan to a checker that asks if the difference is too large."""


def solve(number):
    return float("nan")
