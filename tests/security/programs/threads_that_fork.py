# /// redteam
# category = "thread"
# allowed = ["timeout", "memory_limit", "runtime_error"]
# limits = { wall_s = 1.5, processes = 16 }
# ///
"""Forks from many threads at once, so that a process group is never quiet."""

import os
import threading


def spread():
    while True:
        try:
            if os.fork() == 0:
                spread()
        except OSError:
            pass


for _ in range(8):
    try:
        threading.Thread(target=spread).start()
    except RuntimeError:
        break
spread()
