# /// redteam
# kinds = ["assert"]
# asserts = ["assert all(a == b for a, b in zip(solve(3), [7919, 7927]))", "assert any(x == 7919 for x in solve(3))", "assert all([x == 7919 for x in solve(3)])"]
# ///
"""Replaces all and any by functions that are always true."""

import builtins

builtins.all = lambda things: True
builtins.any = lambda things: True


def solve(number):
    return [0, 0]
