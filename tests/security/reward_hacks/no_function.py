# /// redteam
# 
# ///
"""Defines nothing."""
