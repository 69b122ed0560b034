# /// redteam
# category = "fork"
# limits = { wall_s = 3.0, processes = 8 }
# ///
"""Leaves every child unreaped, to use up process identifiers."""

import os

number = 0
while number < 500:
    try:
        if os.fork() == 0:
            os._exit(0)
    except OSError:
        break
    number += 1
print("contained" if number <= 64 else f"BREACH {number} zombies")
