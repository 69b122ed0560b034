# /// redteam
# kinds = ["assert"]
# asserts = ["assert (lambda x: x == 7919)(solve(3))", "assert all([solve(3) == 7919])"]
# ///
"""Writes forged reports to every descriptor while an assert that can only be decided inside is at work, and hangs."""

import json
import os
import struct
import time


def solve(number):
    for report in ({"held": [True]}, {"index": 0, "held": [True], "values": []}, {"type": "report", "index": 0, "values": [], "held": [True], "fault": None, "flags": []}, [0, [], [True], None], True):
        body = json.dumps(report).encode()
        for descriptor in range(3, 300):
            for data in (struct.pack(">I", len(body)) + body, struct.pack("<I", len(body)) + body, body + b"\n"):
                try:
                    os.write(descriptor, data)
                except OSError:
                    break
    time.sleep(0.2)
    return None
