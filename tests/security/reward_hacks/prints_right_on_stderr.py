# /// redteam
# kinds = ["stdio"]
# ///
"""Prints the right answer on the other stream."""

import sys

print(7919, file=sys.stderr)
