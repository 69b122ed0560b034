# /// redteam
# expected = { 1 = 8 }
# ///
"""Returns a dictionary in which a number and its text are both keys, with an answer for each."""


def solve(number):
    return {1: 7, "1": 8}
