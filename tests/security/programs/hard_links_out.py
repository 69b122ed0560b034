# /// redteam
# category = "link"
# limits = { wall_s = 3.0 }
# ///
"""Tries to hard-link system files into its own directory, where it could change them."""

import os

for source in ("/etc/passwd", "/bin/sh", os.__file__):
    try:
        os.link(source, "linked")
        os.chmod("linked", 0o777)
        print("BREACH linked", source)
        break
    except OSError:
        pass
else:
    print("contained")
