# /// redteam
# kinds = ["stdio"]
# checker = { kind = "tokens", float_tolerance = 1e-6 }
# ///
"""Prints the right number in the digits of another script, which float would read: it is another text."""

import sys

sys.stdout.buffer.write("\u0667\u0669\u0661\u0669\n".encode())
