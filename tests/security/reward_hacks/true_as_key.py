# /// redteam
# kinds = ["call"]
# expected = { True = 1, 1 = 2 }
# ///
"""Returns keys that are equal in Python where different texts are expected."""


def solve(number):
    return {True: 2}
