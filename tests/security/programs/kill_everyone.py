# /// redteam
# category = "signal"
# allowed = ["passed", "runtime_error", "security_violation", "timeout"]
# limits = { wall_s = 2.0 }
# ///
"""Sends SIGKILL to every process it may signal."""

import os
import signal
import time

os.kill(-1, signal.SIGKILL)
time.sleep(0.1)
print("contained")
