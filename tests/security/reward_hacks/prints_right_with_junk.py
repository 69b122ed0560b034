# /// redteam
# kinds = ["stdio"]
# ///
"""Prints the right answer with characters that are not seen."""

print("\ufeff7919\u200b\x00")
