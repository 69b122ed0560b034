# /// redteam
# 
# ///
"""Returns a generator that yields numbers for ever."""

import itertools


def solve(number):
    return itertools.count()
