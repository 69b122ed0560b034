# /// redteam
# category = "output"
# allowed = ["output_limit", "timeout"]
# limits = { wall_s = 3.0, output_kb = 64 }
# ///
"""Ignores SIGPIPE and write errors, and goes on writing after the limit."""

import os
import signal

signal.signal(signal.SIGPIPE, signal.SIG_IGN)
while True:
    try:
        os.write(1, b"z" * 4096)
    except OSError:
        pass
