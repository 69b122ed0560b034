# /// redteam
# category = "fork"
# limits = { wall_s = 3.0, processes = 8 }
# ///
"""Counts how many processes can be alive at once; more than 64 is more than the limit of 8 explains."""

import os
import signal
import time

children = []
for _ in range(300):
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        time.sleep(30)
        os._exit(0)
    children.append(child)
for child in children:
    os.kill(child, signal.SIGKILL)
print("contained" if len(children) <= 64 else f"BREACH {len(children)} processes")
