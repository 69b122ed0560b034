# /// redteam
# category = "network"
# limits = { wall_s = 4.0 }
# ///
"""Opens sockets of every rare family: old code of the kernel with a history of holes."""

import socket

opened = []
for family in range(3, 46):
    if family in (10, 16):  # version 6 of the internet protocol, and netlink, have programs of their own
        continue
    for kind in (1, 2, 3, 5):
        try:
            socket.socket(family, kind, 0)
            opened.append(family)
            break
        except OSError:
            pass
print("contained" if not opened else f"BREACH families {opened}")
