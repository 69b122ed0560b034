# /// redteam
# expected = [7919, "x"]
# ///
"""Returns lists that look like the encoding of something else."""


def solve(number):
    return ["i", "0x1eef"]
