# /// redteam
# 
# ///
"""Ends the process with exit code 0 before any test can run."""

import os

os._exit(0)
