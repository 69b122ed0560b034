# /// redteam
# category = "memory"
# allowed = ["passed", "memory_limit", "runtime_error", "timeout"]
# limits = { wall_s = 5.0, memory_mb = 64 }
# ///
"""Fills the buffers of socket pairs and queues descriptors in them."""

import array
import socket

pairs, total = [], 0
try:
    for _ in range(1000):
        left, right = socket.socketpair()
        left.setblocking(False)
        pairs.append((left, right))
        try:
            while True:
                left.sendmsg([b"x" * 65536], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 200))])
                total += 65536
        except BlockingIOError:
            pass
except OSError:
    pass
print("contained" if total < (512 << 20) else f"BREACH {total >> 20} MiB of sockets")
