# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Takes the locks that the program before may still hold."""

import fcntl
import os

held = []
for path in (os.__file__, "/usr", "/etc/passwd"):
    try:
        fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.append(path)
print("contained" if not held else f"BREACH locked {held}")
