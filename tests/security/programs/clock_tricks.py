# /// redteam
# category = "time"
# allowed = ["timeout"]
# limits = { wall_s = 1.0 }
# ///
"""Patches every clock Python has, in case a limit reads one in the program's process."""

import signal
import threading
import time

for name in ("time", "monotonic", "perf_counter", "process_time"):
    setattr(time, name, lambda: 0.0)
threading._time = time.monotonic
signal.alarm(0)
while True:
    pass
