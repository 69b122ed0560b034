# /// redteam
# kinds = ["assert"]
# asserts = ["try:\n    solve(3)\nexcept ValueError:\n    pass\nelse:\n    assert False\nassert solve(10) == 104729", "assert solve(3) == 7919"]
# may_pass = []
# ///
"""Raises every kind of error, for tests that expect one, and knows no answer."""


def solve(number):
    raise ValueError
