# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Looks for terminals of the program before."""

import os

left = []
try:
    left = [name for name in os.listdir("/dev/pts") if name != "ptmx"]
except OSError:
    pass
readable = []
for name in left:
    try:
        os.close(os.open(f"/dev/pts/{name}", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY))
        readable.append(name)
    except OSError:
        pass
print("contained" if not readable else f"BREACH terminals {readable}")
