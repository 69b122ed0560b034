# /// redteam
# category = "answer"
# kind = "call"
# allowed = ["wrong_answer"]
# limits = { wall_s = 5.0 }
# ///
"""Returns lists just within the usual bounds on depth, for whoever writes them out by recursion."""


def solve(number):
    answer = "x"
    for _ in range(195):
        answer = [answer, {"key": answer}] if _ < 5 else [answer]
    return answer
