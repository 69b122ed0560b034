# /// redteam
# category = "daemon"
# allowed = ["passed", "timeout", "security_violation"]
# limits = { wall_s = 2.0 }
# ///
"""Leaves daemons that block every signal that can be blocked and fork anew again and again."""

import os
import signal
import time

for _ in range(3):
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        os.setsid()
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True:
            try:
                if os.fork():
                    os._exit(0)
            except OSError:
                time.sleep(0.001)
print("contained")
