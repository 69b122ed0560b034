# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Leaves POSIX shared memory."""

from multiprocessing import shared_memory

try:
    block = shared_memory.SharedMemory(name="left_behind", create=True, size=4096)
    block.buf[:4] = b"left"
    from multiprocessing import resource_tracker

    resource_tracker.unregister(block._name, "shared_memory")
except (OSError, ImportError):
    pass
import os

print("contained", flush=True)
os._exit(0)
