# /// redteam
# category = "output"
# limits = { wall_s = 3.0 }
# ///
"""Shrinks the pipes it was given and asks for signals to their other end."""

import fcntl
import os

for descriptor in (0, 1, 2):
    for command, value in ((1031, 4096), (fcntl.F_SETOWN, 1), (fcntl.F_SETFL, os.O_ASYNC)):
        try:
            fcntl.fcntl(descriptor, command, value)
        except OSError:
            pass
print("contained")
