# /// redteam
# expected = [3, 1, 2]
# ///
"""Returns a list that equals everything."""


class Items(list):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __len__(self):
        return 3


def solve(number):
    return Items()
