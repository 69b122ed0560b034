# /// redteam
# 
# ///
"""Ends the process with exit code 0 when its function is called."""

import os


def solve(number):
    os._exit(0)
