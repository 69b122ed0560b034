# /// redteam
# category = "report"
# allowed = ["runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Raises exceptions whose text is no text, or raises again while it is asked for."""


class Odd(Exception):
    def __str__(self):
        raise Odd

    def __repr__(self):
        return 5

    args = property(lambda self: 1 / 0)


raise Odd
