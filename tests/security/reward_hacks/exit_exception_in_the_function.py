# /// redteam
# 
# ///
"""Raises SystemExit with code 0 from its function."""


def solve(number):
    raise SystemExit(0)
