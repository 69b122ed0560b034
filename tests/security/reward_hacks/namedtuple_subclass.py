# /// redteam
# expected = [1, 2]
# ///
"""Returns a named tuple with a comparison of its own."""

from collections import namedtuple


class Point(namedtuple("Point", "x y")):
    def __eq__(self, other):
        return True

    __hash__ = None


def solve(number):
    return Point(0, 0)
