# /// redteam
# kinds = ["stdio"]
# checker = { kind = "tokens", float_tolerance = 1e-6 }
# ///
"""Prints nan to a checker with a tolerance."""

print("nan")
