# /// redteam
# category = "answer"
# kind = "call"
# allowed = ["wrong_answer", "timeout", "memory_limit"]
# limits = { wall_s = 5.0 }
# ///
"""Returns a million small parts: cheap to make, dear to encode, to decode, to compare and to return."""


def solve(number):
    return [[] for _ in range(999_999)]
