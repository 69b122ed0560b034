# /// redteam
# category = "fork"
# allowed = ["timeout", "memory_limit", "runtime_error"]
# limits = { wall_s = 1.0, processes = 8 }
# ///
"""Every process forks for ever, whatever error it gets."""

import os

while True:
    try:
        os.fork()
    except OSError:
        pass
