# /// redteam
# category = "output"
# allowed = ["output_limit", "timeout"]
# limits = { wall_s = 3.0, output_kb = 256, processes = 8 }
# ///
"""Children write without end while the program itself waits in silence."""

import os
import time

for _ in range(4):
    if os.fork() == 0:
        while True:
            os.write(1, b"y" * 65536)
time.sleep(60)
