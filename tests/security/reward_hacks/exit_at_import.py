# /// redteam
# 
# ///
"""Raises SystemExit with code 0 while it is imported."""

import sys

sys.exit(0)
