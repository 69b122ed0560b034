# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Looks for a module that the program before installed."""

import sys

try:
    import left_behind

    print("BREACH a module of the program before")
except ImportError:
    print("contained" if not hasattr(sys, "left_behind") else "BREACH a start-up file of the program before")
