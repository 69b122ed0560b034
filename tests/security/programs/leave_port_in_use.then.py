# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Binds the port that the program before used: a busy one tells of it."""

import errno
import socket

try:
    server = socket.socket()
    server.bind(("127.0.0.1", 45455))
    print("contained")
except OSError as error:
    print("BREACH the port is still busy" if error.errno == errno.EADDRINUSE else "contained")
