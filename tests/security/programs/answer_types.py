# /// redteam
# category = "answer"
# kind = "call"
# allowed = ["wrong_answer"]
# ///
"""Returns classes and arrays without a length, for whoever measures what it shows."""


def solve(number):
    try:
        import numpy

        array = numpy.array(5)
    except ImportError:
        array = dict
    return [str, int, array, [array, type, object]]
