# /// redteam
# expected = [1]
# ///
"""Returns lists in lists, a hundred thousand deep."""


def solve(number):
    answer = []
    for _ in range(100_000):
        answer = [answer]
    return answer
