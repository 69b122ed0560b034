# /// redteam
# category = "network"
# limits = { wall_s = 4.0 }
# ///
"""Connects to the sockets of services of the host."""

import socket

reached = []
for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/dbus/system_bus_socket", "/run/systemd/private", "/var/run/nscd/socket", "/run/user/1000/bus", "\0/containerd-shim", "\0/tmp/.X11-unix/X0"):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        client.connect(path)
        reached.append(path)
    except OSError:
        pass
print("contained" if not reached else f"BREACH {reached}")
