# /// redteam
# kinds = ["assert"]
# asserts = ["assert solve(3) == {'a': 1}"]
# ///
"""Hides keys that equal everything in a plain dict."""


class Key(str):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash("a")


def solve(number):
    return {Key("zzz"): 1}
