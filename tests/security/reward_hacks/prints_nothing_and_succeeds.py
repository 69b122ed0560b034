# /// redteam
# kinds = ["stdio"]
# ///
"""Ends with exit code 0 and no output."""
