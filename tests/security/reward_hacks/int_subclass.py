# /// redteam
# 
# ///
"""Returns an int that equals everything."""


class Number(int):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = int.__hash__


def solve(number):
    return Number(0)
