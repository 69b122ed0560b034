# /// redteam
# expected = "x"
# allowed = ["wrong_answer", "memory_limit", "timeout", "runtime_error", "output_limit"]
# ///
"""Returns half a gigabyte."""


def solve(number):
    return "x" * (512 << 20)
