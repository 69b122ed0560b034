# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Closes a connection from the server's side, after which the kernel keeps the port busy for a minute."""

import socket

try:
    server = socket.socket()
    server.bind(("127.0.0.1", 45455))
    server.listen()
    client = socket.create_connection(("127.0.0.1", 45455))
    accepted, _ = server.accept()
    accepted.close()
    client.close()
    server.close()
except OSError:
    pass
print("contained")
