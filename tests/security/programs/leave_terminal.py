# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Opens a pseudo terminal, makes it its own, and leaves text in it."""

import os

try:
    master, slave = os.openpty()
    os.write(master, b"left behind\n")
except OSError:
    pass
print("contained")
