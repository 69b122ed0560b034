# /// redteam
# kinds = ["assert"]
# asserts = ["assert solve(3) == {1: 2}"]
# ///
"""Returns a dictionary whose keys all have one hash, to make its reader work for ever."""


def solve(number):
    modulus = 2**61 - 1
    return {1 + modulus * i: i for i in range(20_000)}
