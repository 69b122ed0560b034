# /// redteam
# 
# ///
"""Replaces the process by one that succeeds."""

import os


def solve(number):
    os.execv("/bin/true", ["true"])
