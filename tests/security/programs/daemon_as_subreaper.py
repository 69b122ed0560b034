# /// redteam
# category = "daemon"
# allowed = ["passed", "timeout", "security_violation"]
# limits = { wall_s = 2.0 }
# ///
"""Makes itself the reaper of its descendants and drops the parent-death signal before it leaves daemons behind."""

import ctypes
import os
import time

libc = ctypes.CDLL(None)
libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
libc.prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG
if os.fork() == 0:
    libc.prctl(1, 0, 0, 0, 0)
    os.setsid()
    if os.fork() == 0:
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        time.sleep(60)
    os._exit(0)
print("contained")
