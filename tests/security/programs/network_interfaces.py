# /// redteam
# category = "network"
# limits = { wall_s = 4.0 }
# ///
"""Looks for a network interface other than loopback."""

import socket

try:
    names = [name for _, name in socket.if_nameindex()]
except OSError:
    names = []
# Tunnel devices that the kernel puts into every network namespace lead nowhere until they are set up.
real = [name for name in names if name.startswith(("eth", "en", "wl", "veth", "docker", "br"))]
print("contained" if not real else f"BREACH {real}")
