# /// redteam
# 
# ///
"""Returns the standard library's own object that equals everything."""

from unittest.mock import ANY


def solve(number):
    return ANY
