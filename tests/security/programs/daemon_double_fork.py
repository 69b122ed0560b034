# /// redteam
# category = "daemon"
# allowed = ["passed", "timeout", "security_violation"]
# limits = { wall_s = 2.0 }
# ///
"""Leaves a daemon of the classic kind: double fork, own session, own descriptors."""

import os
import sys
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        null = os.open("/dev/null", os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        while True:
            time.sleep(0.05)
    os._exit(0)
os.wait()
sys.stdout.write("contained\n")
