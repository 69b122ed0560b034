# /// redteam
# category = "link"
# limits = { wall_s = 3.0 }
# ///
"""Leaves symbolic links in circles and into the system, for whoever cleans up or reads results."""

import os

os.symlink("loop-b", "loop-a")
os.symlink("loop-a", "loop-b")
for name, target in (("root", "/"), ("up", ".."), ("shadow", "/etc/shadow"), ("main.py", "/etc/passwd")):
    try:
        os.symlink(target, name)
    except OSError:
        pass
print("contained")
