# /// redteam
# kinds = ["assert"]
# asserts = ["assert solve(3) is True", "assert solve(3) is None", "assert not solve(3) is not None"]
# ///
"""Returns an object that claims to be every singleton."""


class Anything:
    def __bool__(self):
        return True

    def __eq__(self, other):
        return True

    __class__ = bool
    __hash__ = None


def solve(number):
    return Anything()
