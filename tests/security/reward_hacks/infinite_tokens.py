# /// redteam
# kinds = ["stdio"]
# checker = { kind = "tokens", float_tolerance = 1e-6 }
# ///
"""Prints words that parse as numbers to which everything is close."""

print("inf")
