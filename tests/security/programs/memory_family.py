# /// redteam
# category = "memory"
# allowed = ["memory_limit", "runtime_error", "timeout", "passed"]
# limits = { wall_s = 6.0, memory_mb = 128, processes = 16 }
# ///
"""Eight children hold 100 MiB each: within a limit a process, far over one for all together."""

import os
import sys
import time

read_end, write_end = os.pipe()
children = []
for _ in range(8):
    child = os.fork()
    if child == 0:
        hoard = bytearray(100 << 20)
        for i in range(0, len(hoard), 4096):
            hoard[i] = 1
        os.write(write_end, b"x")
        time.sleep(2)
        os._exit(0)
    children.append(child)
os.close(write_end)
held, deadline = 0, time.monotonic() + 1.9
os.set_blocking(read_end, False)
while time.monotonic() < deadline:
    try:
        held += len(os.read(read_end, 100))
    except BlockingIOError:
        time.sleep(0.02)
print("contained" if held < 6 else f"BREACH {held} x 100 MiB held at once with a limit of 128")
sys.stdout.flush()
