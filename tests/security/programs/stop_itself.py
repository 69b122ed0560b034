# /// redteam
# category = "signal"
# allowed = ["timeout"]
# limits = { wall_s = 1.0 }
# ///
"""Stops itself: no CPU time passes, no output comes, no end is seen."""

import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
