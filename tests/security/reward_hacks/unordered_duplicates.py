# /// redteam
# kinds = ["call"]
# expected = [1, 1, 2]
# checker = { kind = "unordered" }
# ///
"""Returns the same elements as often as it likes to a checker that ignores order."""


def solve(number):
    return [1, 2, 2]
