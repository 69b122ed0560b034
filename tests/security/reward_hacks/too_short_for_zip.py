# /// redteam
# kinds = ["assert"]
# asserts = ["assert len(solve(3)) == 2 and all(a == b for a, b in zip(solve(3), [7919, 7927]))"]
# ///
"""Returns nothing to compare where a length is asked for as well."""


def solve(number):
    return []
