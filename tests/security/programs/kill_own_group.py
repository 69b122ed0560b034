# /// redteam
# category = "signal"
# allowed = ["runtime_error", "security_violation"]
# limits = { wall_s = 2.0 }
# ///
"""Kills its own process group: the runner must not be in it."""

import os
import signal
import time

os.killpg(0, signal.SIGKILL)
time.sleep(5)
