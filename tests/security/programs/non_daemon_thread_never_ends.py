# /// redteam
# category = "thread"
# allowed = ["timeout"]
# limits = { wall_s = 1.0 }
# ///
"""Prints its answer, ends its main thread, and lets another thread spin for ever."""

import threading


def spin():
    while True:
        pass


print("contained", flush=True)
threading.Thread(target=spin).start()
