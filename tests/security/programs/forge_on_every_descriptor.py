# /// redteam
# category = "forgery"
# allowed = ["wrong_answer", "runtime_error", "security_violation"]
# limits = { wall_s = 3.0 }
# ///
"""Writes forged results of many shapes to every descriptor it can find, prints no answer, and ends at once."""

import json
import os
import struct

report = {"index": 0, "phase": "test", "exit_code": 0, "verdict": "passed", "passed": 1, "stdout": "contained\n", "type": "done", "kind": "outcome", "ok": True}
body = json.dumps(report).encode()
for descriptor in range(0, 1100):
    if descriptor in (1, 2):
        continue
    for data in (struct.pack(">I", len(body)) + body, struct.pack("<I", len(body)) + body, struct.pack(">Q", len(body)) + body, body + b"\n", b"\xff" * 64):
        try:
            os.write(descriptor, data)
        except OSError:
            break
os._exit(0)
