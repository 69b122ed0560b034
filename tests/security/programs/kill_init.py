# /// redteam
# category = "signal"
# allowed = ["passed", "runtime_error", "security_violation", "timeout"]
# limits = { wall_s = 2.0 }
# ///
"""Sends every signal to process 1."""

import os
import signal

for number in signal.valid_signals():
    try:
        os.kill(1, number)
    except OSError:
        pass
print("contained")
