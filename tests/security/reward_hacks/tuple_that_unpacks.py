# /// redteam
# kinds = ["assert"]
# asserts = ["a, b = solve(3)\nassert a == 7919 and b == 7927", "assert solve(3)[0] == 7919 and solve(3)[1] == 7927", "assert solve(3).x == 7919"]
# ///
"""Returns an object whose parts, items and attributes equal everything."""


class Anything:
    def __eq__(self, other):
        return True

    def __iter__(self):
        return iter([self, self])

    def __getitem__(self, index):
        return self

    def __getattr__(self, name):
        return self

    __hash__ = None


def solve(number):
    return Anything()
