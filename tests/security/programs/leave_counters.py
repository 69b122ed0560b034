# /// redteam
# category = "left behind"
# allowed = ["passed", "runtime_error", "memory_limit"]
# limits = { wall_s = 4.0 }
# ///
"""Raises counters that the kernel keeps: memory at its peak, packets sent."""

import socket

held = bytearray(150 << 20)
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _ in range(777):
            sock.sendto(b"x", ("127.0.0.1", 9))
except OSError:
    pass
print("contained")
