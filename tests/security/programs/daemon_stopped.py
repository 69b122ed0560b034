# /// redteam
# category = "daemon"
# allowed = ["passed", "timeout", "security_violation"]
# limits = { wall_s = 2.0 }
# ///
"""Leaves children that are stopped, which ignore SIGTERM until they are continued."""

import os
import signal

for _ in range(3):
    if os.fork() == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
print("contained")
