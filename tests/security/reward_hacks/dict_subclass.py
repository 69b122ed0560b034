# /// redteam
# expected = { a = 1, b = 2 }
# ///
"""Returns a dict that equals everything and has every key."""


class Table(dict):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __missing__(self, key):
        return 1

    def __contains__(self, key):
        return True


def solve(number):
    return Table()
