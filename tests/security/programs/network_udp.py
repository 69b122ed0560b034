# /// redteam
# category = "network"
# limits = { wall_s = 4.0 }
# ///
"""Sends a datagram to an address reserved for documentation: without a network there is no route."""

import socket

try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("192.0.2.1", 53))
    print("BREACH a datagram left")
except OSError:
    print("contained")
