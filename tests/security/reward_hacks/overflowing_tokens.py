# /// redteam
# kinds = ["stdio"]
# checker = { kind = "tokens", float_tolerance = 1e-6 }
# ///
"""Prints a number too large for a float, and one with more digits than may be converted."""

print("1e999")
print("9" * 10_000)
