# /// redteam
# category = "left behind"
# allowed = ["passed", "timeout", "security_violation"]
# limits = { wall_s = 2.0 }
# ///
"""Locks files of the interpreter and leaves a daemon that holds the locks."""

import fcntl
import os
import time

for path in (os.__file__, "/dev/null", "/usr", "/etc/passwd"):
    try:
        fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pass
if os.fork() == 0:
    os.setsid()
    for descriptor in (0, 1, 2):
        os.close(descriptor)
    time.sleep(60)
print("contained")
