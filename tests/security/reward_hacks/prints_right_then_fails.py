# /// redteam
# kinds = ["stdio"]
# ///
"""Prints the right answer, known beforehand, and ends with an error: not a pass."""

import sys

print(7919)
sys.exit(3)
