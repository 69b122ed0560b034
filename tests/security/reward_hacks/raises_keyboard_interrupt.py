# /// redteam
# 
# ///
"""Raises exceptions that handlers of ordinary errors let through."""


def solve(number):
    raise KeyboardInterrupt
