# /// redteam
# kinds = ["call"]
# expected = ["a", "b"]
# checker = { kind = "unordered" }
# ///
"""Returns a string whose characters are the elements."""


def solve(number):
    return "ab"
