# /// redteam
# category = "left behind"
# allowed = ["passed", "timeout", "security_violation"]
# limits = { wall_s = 2.0 }
# ///
"""Leaves a server behind on the loopback address."""

import os
import socket
import time

server = socket.socket()
try:
    server.bind(("127.0.0.1", 45454))
    server.listen()
    if os.fork() == 0:
        os.setsid()
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        while True:
            client, _ = server.accept()
            client.sendall(b"left behind")
            client.close()
except OSError:
    pass
print("contained")
