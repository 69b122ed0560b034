# /// redteam
# category = "thread"
# allowed = ["timeout", "memory_limit", "runtime_error"]
# limits = { wall_s = 1.5, processes = 16 }
# ///
"""Starts threads that never end, for ever."""

import threading

event = threading.Event()
while True:
    try:
        threading.Thread(target=event.wait, daemon=True).start()
    except (RuntimeError, MemoryError):
        pass
