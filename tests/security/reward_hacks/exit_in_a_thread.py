# /// redteam
# 
# ///
"""A thread ends the process with code 0 while the function is still at work."""

import os
import threading
import time


def solve(number):
    threading.Timer(0.05, os._exit, (0,)).start()
    time.sleep(1)
