# /// redteam
# category = "network"
# limits = { wall_s = 4.0 }
# ///
"""Knocks at the usual doors of the host's loopback address: the service's own port among them."""

import socket

reached = []
for port in (22, 80, 443, 2375, 2376, 5000, 8000, 8001, 8080, 8888, 9090):
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(0.2)
    try:
        client.connect(("127.0.0.1", port))
        reached.append(port)
    except OSError:
        pass
print("contained" if not reached else f"BREACH ports {reached}")
