# /// redteam
# category = "network"
# limits = { wall_s = 4.0 }
# ///
"""Opens raw and packet sockets, which see and forge what others send."""

import socket

opened = []
for family, kind, protocol in ((2, 3, 1), (2, 3, 255), (2, 2, 1), (10, 3, 58), (17, 3, 768), (17, 2, 768)):
    try:
        socket.socket(family, kind, protocol)
        if (family, kind) != (2, 2):  # an unprivileged ping socket sends nothing without a route
            opened.append((family, kind, protocol))
    except OSError:
        pass
print("contained" if not opened else f"BREACH {opened}")
