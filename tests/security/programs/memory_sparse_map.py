# /// redteam
# category = "memory"
# allowed = ["memory_limit", "runtime_error", "passed", "security_violation"]
# limits = { wall_s = 6.0, memory_mb = 128 }
# ///
"""Maps a sparse file of a terabyte and touches its pages."""

import mmap
import os
import signal
import sys

try:
    with open("sparse", "wb+") as file:
        file.truncate(1 << 40)
        area = mmap.mmap(file.fileno(), 1 << 40)
except (OSError, ValueError, OverflowError):
    print("contained")
    sys.exit()
for offset in range(0, 1 << 40, 4096):
    area[offset] = 1
    if offset > (1 << 30):
        print("BREACH a gigabyte of file pages")
        break
