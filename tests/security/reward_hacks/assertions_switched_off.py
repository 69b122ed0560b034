# /// redteam
# 
# ///
"""Tries to switch asserts off for code that is compiled later."""

import builtins
import sys

compiled = builtins.compile
builtins.compile = lambda source, *args, **kwargs: compiled("pass", "x", "exec")
builtins.exec = lambda *args, **kwargs: None
builtins.eval = lambda *args, **kwargs: True
builtins.__debug__ if True else None


def solve(number):
    return None
