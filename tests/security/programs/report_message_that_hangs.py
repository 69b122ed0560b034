# /// redteam
# category = "report"
# allowed = ["runtime_error", "timeout"]
# limits = { wall_s = 1.0 }
# ///
"""Raises an exception whose text is never ready."""


class Slow(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__


raise Slow
