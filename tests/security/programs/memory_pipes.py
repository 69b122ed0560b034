# /// redteam
# category = "memory"
# allowed = ["passed", "memory_limit", "runtime_error"]
# limits = { wall_s = 5.0, memory_mb = 64 }
# ///
"""Fills pipe buffers, enlarged to a megabyte each: memory of the kernel."""

import fcntl
import os

total = 0
try:
    for _ in range(1000):
        read_end, write_end = os.pipe()
        fcntl.fcntl(write_end, 1031, 1 << 20)  # F_SETPIPE_SZ
        os.set_blocking(write_end, False)
        total += os.write(write_end, b"x" * (1 << 20))
except OSError:
    pass
print("contained" if total < (512 << 20) else f"BREACH {total >> 20} MiB of pipes")
