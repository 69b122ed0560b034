# /// redteam
# expected = [1, 2, 3]
# ///
"""Returns an array of objects that equal everything."""

try:
    import numpy
except ImportError:
    numpy = None


class Anything:
    def __eq__(self, other):
        return True

    __hash__ = None


def solve(number):
    if numpy is None:
        return None
    return numpy.array([Anything(), Anything(), Anything()], dtype=object)
