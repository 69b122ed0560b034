# /// redteam
# category = "answer"
# kind = "call"
# allowed = ["wrong_answer"]
# limits = { wall_s = 5.0 }
# ///
"""Returns an integer with more digits than Python converts by default: whoever prints it raises."""


def solve(number):
    return 10**5000
