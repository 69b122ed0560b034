# /// redteam
# kinds = ["stdio"]
# ///
"""Prints the right answer, known beforehand, and raises."""

print(7919, flush=True)
raise RuntimeError
