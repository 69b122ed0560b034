# /// redteam
# expected = { 1 = 8 }
# kinds = ["call"]
# ///
"""The same with the keys in the other order."""


def solve(number):
    return {"1": 8, 1: 7}
