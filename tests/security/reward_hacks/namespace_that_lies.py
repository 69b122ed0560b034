# /// redteam
# 
# ///
"""Replaces its globals' lookups by hanging names into builtins."""

import builtins


class Anything:
    def __call__(self, *args):
        return self

    def __eq__(self, other):
        return True

    __hash__ = None


builtins.solve = Anything()
