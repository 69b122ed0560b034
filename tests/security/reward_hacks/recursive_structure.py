# /// redteam
# expected = [1]
# ///
"""Returns a list that contains itself, to exhaust whoever walks it."""


def solve(number):
    answer = []
    answer.append(answer)
    return answer
