# /// redteam
# category = "answer"
# kind = "call"
# allowed = ["wrong_answer", "timeout", "security_violation"]
# limits = { wall_s = 5.0 }
# ///
"""Returns a set of numbers that all have one hash: a moment to write down, minutes to put together again."""


class Cheap(int):
    pass


def solve(number):
    modulus = 2**61 - 1
    answer = [1 + modulus * i for i in range(3000)]
    return [set(answer), dict.fromkeys(answer), frozenset(answer)]
