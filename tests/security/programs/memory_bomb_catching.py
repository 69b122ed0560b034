# /// redteam
# category = "memory"
# allowed = ["memory_limit", "timeout", "runtime_error"]
# limits = { wall_s = 3.0, memory_mb = 128 }
# ///
"""Catches MemoryError and tries again with less, to sit at the limit for ever."""

hoard = []
size = 64 << 20
while True:
    try:
        hoard.append(bytearray(size))
    except MemoryError:
        size = max(4096, size // 2)
