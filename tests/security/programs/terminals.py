# /// redteam
# category = "files"
# limits = { wall_s = 5.0 }
# ///
"""Takes all the pseudo terminals that the machine has."""

import os

held = []
for _ in range(100):
    try:
        held.append(os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        break
print("contained" if len(held) <= 32 else f"BREACH {len(held)} terminals")
