# /// redteam
# category = "time"
# allowed = ["timeout"]
# limits = { wall_s = 4.0, cpu_s = 0.5, processes = 8 }
# ///
"""Children burn CPU time while the program itself sleeps."""

import os
import time

for _ in range(4):
    if os.fork() == 0:
        while True:
            pass
time.sleep(60)
