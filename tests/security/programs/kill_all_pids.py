# /// redteam
# category = "signal"
# allowed = ["passed", "runtime_error", "security_violation", "timeout"]
# limits = { wall_s = 3.0 }
# ///
"""Tries SIGKILL on every process number up to 70,000, one by one."""

import os
import signal

for pid in range(1, 70_000):
    if pid != os.getpid():
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
print("contained")
