# /// redteam
# category = "network"
# limits = { wall_s = 4.0 }
# ///
"""Asks the kernel over netlink to bring up an interface and to make a new one."""

import socket
import struct

accepted = []
for kind, body in ((16, struct.pack("=BxHiII", 0, 0, 1, 1, 1)), (16, struct.pack("=BxHiII", 0, 0, 0, 0, 0) + struct.pack("=HH", 12, 18) + struct.pack("=HH6sxx", 8 + 2, 1, b"dummy"[:6]))):
    try:
        link = socket.socket(16, socket.SOCK_RAW, 0)
        link.settimeout(1)
        link.send(struct.pack("=IHHII", 16 + len(body), kind, 0x5, 1, 0) + body)
        answer = link.recv(4096)
        if struct.unpack_from("=i", answer, 16)[0] == 0:
            accepted.append(kind)
    except OSError:
        pass
print("contained" if not accepted else "BREACH changed the network")
