# /// redteam
# category = "memory"
# allowed = ["memory_limit", "runtime_error", "passed"]
# limits = { wall_s = 10.0, memory_mb = 128 }
# ///
"""Fills anonymous files in memory."""

import os
import sys

block, total = b"x" * (1 << 20), 0
files = [os.memfd_create(f"hoard{i}") for i in range(4)]
try:
    for i in range(2048):
        total += os.write(files[i % 4], block)
except OSError:
    pass
print("contained" if total < (1 << 30) else "BREACH 1 GiB in memory files")
sys.stdout.flush()
