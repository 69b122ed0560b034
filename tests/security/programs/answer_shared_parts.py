# /// redteam
# category = "answer"
# kind = "call"
# allowed = ["wrong_answer", "timeout", "memory_limit"]
# limits = { wall_s = 5.0 }
# ///
"""Returns a small structure that unfolds to two to the hundredth parts."""


def solve(number):
    answer = "x"
    for _ in range(100):
        answer = [answer, answer]
    return answer
