# /// redteam
# expected = 2.5
# checker = { kind = "approx", float_tolerance = 1e-6 }
# kinds = ["call"]
# ///
"""Returns infinity, to which a relative tolerance is infinite."""


def solve(number):
    return float("inf")
