# /// redteam
# kinds = ["assert"]
# asserts = ["assert abs(solve(3) - 2.5) < 1e-6", "import math\nassert math.isclose(solve(3), 2.5, rel_tol=1e-3)", "import math\nassert math.isclose(2.5, solve(3), rel_tol=0.5)"]
# ///
"""Returns infinity to asserts with tolerances."""


def solve(number):
    return float("inf")
