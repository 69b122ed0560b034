# /// redteam
# category = "memory"
# allowed = ["memory_limit", "runtime_error"]
# limits = { wall_s = 10.0, memory_mb = 128 }
# ///
"""Touches a shared anonymous mapping, which is counted as files are and not as data."""

import mmap

area = mmap.mmap(-1, 2 << 30)
for offset in range(0, 2 << 30, 4096):
    area[offset] = 1
print("BREACH 2 GiB of shared memory")
