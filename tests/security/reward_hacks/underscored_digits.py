# /// redteam
# kinds = ["stdio"]
# checker = { kind = "tokens", float_tolerance = 1e-6 }
# ///
"""Prints the right number with underscores, which float would read: it is another text."""

print("7_919")
