# /// redteam
# category = "daemon"
# allowed = ["passed", "timeout", "security_violation"]
# limits = { wall_s = 2.0 }
# ///
"""Leaves a child that keeps stdout open, so that whoever waits for its end waits for ever."""

import os
import time

if os.fork() == 0:
    os.setsid()
    while True:
        time.sleep(1)
print("contained")
