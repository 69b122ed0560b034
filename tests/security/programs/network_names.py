# /// redteam
# category = "network"
# limits = { wall_s = 4.0 }
# ///
"""Resolves a name that cannot exist: an answer, or a long wait for one, needs a network."""

import socket
import time

begin = time.monotonic()
try:
    socket.getaddrinfo("redteam.invalid", 80)
    print("BREACH a resolver answered")
except OSError:
    print("contained" if time.monotonic() - begin < 3 else "BREACH a resolver was asked")
