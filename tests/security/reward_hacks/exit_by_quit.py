# /// redteam
# 
# ///
"""Calls the site module's quit, which is no builtin."""


def solve(number):
    quit()
