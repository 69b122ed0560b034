# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Leases an IPv6 flow label for itself that outlives its socket."""

import socket
import struct

try:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        address = socket.inet_pton(socket.AF_INET6, "::1")
        request = address + struct.pack("!I", 0x12345) + struct.pack("=BBHHHI", 0, 1, 3, 60, 60, 0)
        sock.setsockopt(41, 32, request)
except OSError:
    pass
print("contained")
