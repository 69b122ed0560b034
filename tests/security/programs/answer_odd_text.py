# /// redteam
# category = "answer"
# kind = "call"
# allowed = ["wrong_answer"]
# limits = { wall_s = 5.0 }
# ///
"""Returns texts, keys and numbers that JSON cannot say."""


def solve(number):
    return ["\ud800\udfff\x00", {"\ud800": float("nan"), 1: 2, "1": 3, None: 4, (1, 2): 5}, b"\xff", 1j, -0.0, float("inf"), range(10**18)]
