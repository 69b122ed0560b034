# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Looks for files with times or attributes of the program before."""

import os

found = []
for path in ("/tmp", "/dev/shm", "/dev/null", "/dev/zero", "/dev/full", "/dev", "/usr", os.__file__):
    if os.stat(path).st_mtime == 1:
        found.append(path)
    try:
        found += [path for name in os.listxattr(path) if "redteam" in name]
    except OSError:
        pass
print("contained" if not found else f"BREACH {found}")
