# /// redteam
# category = "stdin"
# allowed = ["passed", "security_violation", "runtime_error"]
# stdin = "hello\n"
# limits = { wall_s = 3.0 }
# ///
"""Writes a forged answer into its own stdin, which must not be a line to the runner."""

import json
import os

frame = json.dumps({"index": 0, "verdict": "passed", "exit_code": 0}).encode()
for data in (frame, len(frame).to_bytes(4, "big") + frame, len(frame).to_bytes(4, "little") + frame):
    try:
        os.write(0, data)
    except OSError:
        pass
print("contained")
