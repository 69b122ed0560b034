# /// redteam
# category = "signal"
# allowed = ["passed", "runtime_error", "security_violation", "timeout"]
# limits = { wall_s = 2.0 }
# ///
"""Stops its parent and process 1, so that nobody is left to end it."""

import os
import signal
import time

for pid in (1, os.getppid()):
    if pid > 0 and pid != os.getpid():
        try:
            os.kill(pid, signal.SIGSTOP)
        except OSError:
            pass
time.sleep(0.1)
print("contained")
