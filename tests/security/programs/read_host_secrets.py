# /// redteam
# category = "filesystem"
# limits = { wall_s = 3.0 }
# ///
"""Looks for the engine's socket, password hashes, keys and mounted secrets."""

import glob
import os

found = []
for pattern in ("/etc/shadow", "/etc/gshadow", "/root/*", "/root/.ssh/*", "/home/*/.ssh/*", "/var/run/docker.sock", "/run/docker.sock", "/run/containerd/*", "/var/run/secrets/*", "/run/secrets/*", "/host*", "/mnt/*", "/var/lib/docker/*", "/proc/1/environ"):
    for path in glob.glob(pattern):
        if os.access(path, os.R_OK):
            found.append(path)
print("contained" if not found else f"BREACH can read {found[:5]}")
