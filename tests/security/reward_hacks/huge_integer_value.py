# /// redteam
# allowed = ["wrong_answer", "memory_limit", "timeout", "runtime_error"]
# ///
"""Returns an integer with millions of digits, which takes for ever to convert."""


def solve(number):
    return 1 << 40_000_000
