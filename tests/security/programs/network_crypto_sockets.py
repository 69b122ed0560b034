# /// redteam
# category = "network"
# limits = { wall_s = 4.0 }
# ///
"""Opens a socket to the kernel's ciphers (AF_ALG)."""

import socket

try:
    socket.socket(38, socket.SOCK_SEQPACKET, 0).bind(("hash", "sha256"))
    print("BREACH AF_ALG")
except OSError:
    print("contained")
