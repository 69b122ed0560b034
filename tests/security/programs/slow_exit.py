# /// redteam
# category = "time"
# allowed = ["passed", "timeout", "memory_limit"]
# limits = { wall_s = 3.0, memory_mb = 512 }
# ///
"""Makes its own end slow: many mappings, files, objects and handlers to take down."""

import atexit
import mmap
import time

areas = [mmap.mmap(-1, 4096) for _ in range(20_000)]
hoard = [[i] for i in range(1_000_000)]
atexit.register(time.sleep, 60)
print("contained", flush=True)
