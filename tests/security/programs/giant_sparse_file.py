# /// redteam
# category = "disk"
# allowed = ["passed", "runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Makes a file that claims an exabyte."""

import os

for size in (1 << 60, 1 << 50, 1 << 41):
    try:
        os.truncate(os.open("giant", os.O_CREAT | os.O_RDWR), size)
        break
    except OSError:
        pass
print("contained")
