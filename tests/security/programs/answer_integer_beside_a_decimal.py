# /// redteam
# category = "answer"
# kind = "call"
# allowed = ["wrong_answer", "runtime_error"]
# limits = { wall_s = 5.0 }
# ///
"""Returns long integers beside decimals, which take quadratic time to compare."""


def solve(number):
    from decimal import Decimal

    return [1 << 3_000_000, Decimal("1.5"), {1 << 3_000_000: Decimal("sNaN")}]
