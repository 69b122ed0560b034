# /// redteam
# category = "crash"
# allowed = ["runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Ends by signals that only a crash sends."""

import os
import signal

os.kill(os.getpid(), signal.SIGILL)
