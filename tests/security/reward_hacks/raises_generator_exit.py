# /// redteam
# 
# ///
"""Raises GeneratorExit, which is no Exception."""


def solve(number):
    raise GeneratorExit
