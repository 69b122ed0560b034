# /// redteam
# kinds = ["assert"]
# asserts = ["assert all(a == b for a, b in zip(solve(3), [7919, 7927]))", "assert (lambda x: x == 7919)(solve(3))"]
# ///
"""Leaves asserts that can only be decided inside by an exception that means success."""


def solve(number):
    raise StopIteration
