# /// redteam
# expected = [1, 2, 3]
# ///
"""Returns an array of a class whose comparison is true everywhere."""

try:
    import numpy
except ImportError:
    numpy = None


def solve(number):
    if numpy is None:
        return None

    class Liar(numpy.ndarray):
        def __eq__(self, other):
            return numpy.ones(3, dtype=bool)

        def all(self, *args, **kwargs):
            return True

        any = all

    return numpy.zeros(3).view(Liar)
