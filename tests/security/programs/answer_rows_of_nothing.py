# /// redteam
# category = "answer"
# kind = "call"
# allowed = ["wrong_answer", "runtime_error"]
# checker = { kind = "unordered" }
# limits = { wall_s = 5.0 }
# ///
"""Returns an array of a million million million rows that hold nothing, for whoever walks them."""


def solve(number):
    import numpy

    return [numpy.empty((2**60, 0), dtype="i1"), numpy.empty((1, 2**60, 0), dtype="i1")]
