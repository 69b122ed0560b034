# /// redteam
# kinds = ["stdio"]
# ///
"""Has a child print the right answer after the program itself has failed."""

import os
import time

if os.fork() == 0:
    time.sleep(0.2)
    os.write(1, b"7919\n")
    os._exit(0)
os._exit(1)
