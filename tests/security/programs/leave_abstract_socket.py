# /// redteam
# category = "left behind"
# allowed = ["passed", "timeout", "security_violation"]
# limits = { wall_s = 2.0 }
# ///
"""Leaves a server behind on an abstract Unix socket, which has no file that could be removed."""

import os
import socket

server = socket.socket(socket.AF_UNIX)
try:
    server.bind("\0left-behind")
    server.listen()
    if os.fork() == 0:
        os.setsid()
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        while True:
            server.accept()
except OSError:
    pass
print("contained")
