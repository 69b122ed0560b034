# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Reads them."""

import glob

readable = []
for pattern in ("/sys/fs/cgroup/**/memory.*", "/sys/class/net/*/statistics/*", "/sys/fs/cgroup/*"):
    for path in glob.glob(pattern, recursive=True):
        try:
            readable.append((path, open(path).read(40)))
        except OSError:
            pass
print("contained" if not readable else f"BREACH {len(readable)} counters, {readable[0]}")
