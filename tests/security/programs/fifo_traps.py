# /// redteam
# category = "link"
# allowed = ["passed"]
# limits = { wall_s = 3.0 }
# ///
"""Leaves named pipes everywhere: whoever opens one waits for ever."""

import os

for folder in (".", "/tmp", "/dev/shm"):
    for name in ("main.py", "output", "stdout", "result.json", "input.txt"):
        try:
            os.mkfifo(os.path.join(folder, name))
        except OSError:
            pass
print("contained")
