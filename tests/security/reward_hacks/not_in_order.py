# /// redteam
# kinds = ["assert"]
# asserts = ["assert not solve(3) < 3", "assert not solve(3) > 3", "assert 5 not in solve(3)", "assert not 5 in solve(3)", "assert not abs(solve(3) - 4) > 1e-6", "assert not (0 <= solve(3) <= 10)"]
# ///
"""Returns an object without any order, for asserts of what it must not be."""


class Nothing:
    pass


def solve(number):
    return Nothing()
