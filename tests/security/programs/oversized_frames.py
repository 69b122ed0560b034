# /// redteam
# category = "forgery"
# allowed = ["wrong_answer", "runtime_error", "security_violation", "output_limit", "memory_limit"]
# limits = { wall_s = 3.0 }
# ///
"""Announces frames of four gigabytes on every descriptor, so that a reader reserves memory or waits for the rest."""

import os

for descriptor in range(3, 1100):
    try:
        os.set_blocking(descriptor, False)
        os.write(descriptor, b"\xff\xff\xff\xff" + b"A" * 1000)
        os.write(descriptor, b"\x7f\xff\xff\xff" + b"A" * 100_000)
    except OSError:
        pass
os._exit(0)
