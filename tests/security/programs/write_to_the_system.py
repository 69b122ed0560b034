# /// redteam
# category = "filesystem"
# limits = { wall_s = 8.0 }
# ///
"""Looks for a directory outside /tmp, /dev/shm, /dev/mqueue and its own where it can leave a file."""

import os
import stat

mine = tuple(os.path.realpath(p) for p in (".", "/tmp", "/dev/shm", "/dev/mqueue", "/proc"))
written = []
for top in os.listdir("/"):
    for folder, names, _ in os.walk(os.path.join("/", top)):
        real = os.path.realpath(folder)
        if real.startswith(mine) or folder.count("/") > 3:
            names.clear()
            continue
        path = os.path.join(folder, ".left-by-redteam")
        try:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            os.unlink(path)
            written.append(folder)
        except OSError:
            pass
print("contained" if not written else f"BREACH wrote to {written[:5]}")
