# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Looks for what the program before left, and imports what it shadowed."""

import json
import os
import random

found = []
for folder in (".", "/tmp", "/dev/shm", "/dev/mqueue", "/var/tmp", "/run", "/run/lock", os.path.expanduser("~")):
    for name in ("left-behind", "usercustomize.py", "json.py", "random.py"):
        if os.path.exists(os.path.join(folder, name)):
            found.append(os.path.join(folder, name))
print("contained" if not found else f"BREACH {found}")
