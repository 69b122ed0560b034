# /// redteam
# kinds = ["assert"]
# asserts = ["assert solve(3) == int", "assert solve(3) is list", "assert type(solve(3)) is int", "assert isinstance(solve(3), int)"]
# ///
"""Returns a class that calls itself by a builtin's name."""


class Meta(type):
    def __eq__(cls, other):
        return True

    def __instancecheck__(cls, thing):
        return True

    __hash__ = type.__hash__


solve_type = Meta("int", (), {"__module__": "builtins", "__qualname__": "int"})


def solve(number):
    return solve_type
