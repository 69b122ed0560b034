# /// redteam
# 
# ///
"""Crashes, hoping that a lost process is retried or dropped."""

import ctypes


def solve(number):
    ctypes.string_at(0)
