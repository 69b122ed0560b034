# /// redteam
# kinds = ["stdio"]
# ///
"""Prints what it was given."""

import sys

sys.stdout.write(sys.stdin.read())
