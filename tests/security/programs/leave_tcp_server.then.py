# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Connects to the server of the program before."""

import socket

client = socket.socket()
client.settimeout(1)
try:
    client.connect(("127.0.0.1", 45454))
    print("BREACH a server of the program before answers")
except OSError:
    print("contained")
