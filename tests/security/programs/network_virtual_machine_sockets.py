# /// redteam
# category = "network"
# limits = { wall_s = 4.0 }
# ///
"""Reaches for the hypervisor through a vsock."""

import socket

try:
    client = socket.socket(40, socket.SOCK_STREAM)
    client.settimeout(0.5)
    client.connect((2, 22))
    print("BREACH vsock")
except OSError:
    print("contained")
