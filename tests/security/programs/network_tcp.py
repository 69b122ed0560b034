# /// redteam
# category = "network"
# limits = { wall_s = 4.0 }
# ///
"""Opens TCP connections; with no network the first step fails at once. The address is reserved for documentation."""

import socket

reached = []
for address in (("192.0.2.1", 80), ("192.0.2.1", 443)):
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(0.5)
    try:
        client.connect(address)
        reached.append(address)
    except TimeoutError:
        reached.append(("a packet left for", *address))
    except OSError:
        pass
print("contained" if not reached else f"BREACH {reached}")
