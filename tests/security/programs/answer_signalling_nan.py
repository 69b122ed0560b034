# /// redteam
# category = "answer"
# kind = "call"
# allowed = ["wrong_answer"]
# ///
"""Returns a number that raises when it is compared, for whoever compares it."""


def solve(number):
    from decimal import Decimal

    return Decimal("sNaN")
