# /// redteam
# category = "network"
# limits = { wall_s = 4.0 }
# ///
"""The same by version 6 of the protocol."""

import socket

try:
    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b"hello", ("2001:db8::1", 53))
    print("BREACH a datagram left")
except OSError:
    print("contained")
