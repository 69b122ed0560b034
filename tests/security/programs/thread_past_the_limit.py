# /// redteam
# category = "thread"
# limits = { wall_s = 4.0, processes = 16 }
# ///
"""Counts how many threads can live at once; more than 256 is more than the limit of 16 explains."""

import threading

event = threading.Event()
threads = []
for _ in range(2000):
    thread = threading.Thread(target=event.wait, daemon=True)
    try:
        thread.start()
    except (RuntimeError, MemoryError):
        break
    threads.append(thread)
event.set()
print("contained" if len(threads) <= 256 else f"BREACH {len(threads)} threads")
