# /// redteam
# expected = [2]
# ///
"""Returns true where a list of a number is expected."""


def solve(number):
    return True
