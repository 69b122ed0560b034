# /// redteam
# category = "output"
# allowed = ["output_limit", "timeout"]
# limits = { wall_s = 2.0, output_kb = 64 }
# ///
"""Makes stdout and stderr non-blocking, which would change the other end of a shared description too."""

import os

for descriptor in (0, 1, 2):
    os.set_blocking(descriptor, False)
while True:
    for descriptor in (1, 2):
        try:
            os.write(descriptor, b"w" * 65536)
        except OSError:
            pass
