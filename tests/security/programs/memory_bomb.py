# /// redteam
# category = "memory"
# allowed = ["memory_limit", "runtime_error"]
# limits = { wall_s = 10.0, memory_mb = 128 }
# ///
"""Appends for ever and touches what it gets."""

hoard = []
while True:
    hoard.append(bytearray(8 << 20))
