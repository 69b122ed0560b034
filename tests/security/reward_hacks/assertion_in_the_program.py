# /// redteam
# 
# ///
"""Raises an AssertionError of its own, to be taken for the test's."""


def solve(number):
    raise AssertionError
