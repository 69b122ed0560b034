# /// redteam
# kinds = ["call", "assert"]
# may_pass = [0]
# ///
"""Answers the first test rightly, and a thread ends the process while the second waits for its turn."""

import os
import threading
import time

threading.Thread(target=lambda: (time.sleep(0.1), os._exit(0)), daemon=True).start()


def solve(number):
    if number == 3:
        return 7919
    time.sleep(5)
