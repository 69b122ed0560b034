# /// redteam
# category = "memory"
# allowed = ["runtime_error", "memory_limit"]
# limits = { wall_s = 5.0, memory_mb = 256 }
# ///
"""Raises the recursion limit and recurses until the stack is gone."""

import sys

sys.setrecursionlimit(2**31 - 1)


class Deep:
    def __repr__(self):
        return repr(self)


repr(Deep())
