# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Changes times and attributes of files that all programs share."""

import os

for path in ("/tmp", "/dev/shm", "/dev/null", "/dev/zero", "/dev/full", "/dev", "/usr", os.__file__):
    for change in (lambda p: os.utime(p, (1, 1)), lambda p: os.chmod(p, 0o777), lambda p: os.setxattr(p, b"user.redteam", b"left"), lambda p: os.chown(p, os.getuid(), os.getgid())):
        try:
            change(path)
        except OSError:
            pass
print("contained")
