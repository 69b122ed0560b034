# /// redteam
# category = "disk"
# allowed = ["passed", "timeout", "runtime_error", "memory_limit"]
# limits = { wall_s = 5.0 }
# ///
"""Nests directories too deep for any path, to break a clean-up that walks them by name or by recursion."""

import os

try:
    for _ in range(20_000):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
except OSError:
    pass
print("contained")
