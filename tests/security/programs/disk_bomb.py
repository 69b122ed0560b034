# /// redteam
# category = "disk"
# allowed = ["passed", "memory_limit", "runtime_error", "timeout"]
# limits = { wall_s = 5.0, memory_mb = 256 }
# ///
"""Fills every place it can write to."""

import os
import tempfile

total = 0
for folder in (".", "/tmp", "/dev/shm", "/var/tmp", "/run", os.path.expanduser("~"), tempfile.gettempdir()):
    try:
        with open(os.path.join(folder, "fill"), "wb") as file:
            while total < (2 << 30):
                total += file.write(b"x" * (1 << 20))
                file.flush()
    except OSError:
        pass
print("contained" if total < (1 << 30) else f"BREACH {total >> 20} MiB on disk")
