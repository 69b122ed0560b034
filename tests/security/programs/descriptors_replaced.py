# /// redteam
# category = "forgery"
# allowed = ["wrong_answer", "runtime_error", "security_violation", "timeout"]
# limits = { wall_s = 3.0 }
# ///
"""Replaces every descriptor by /dev/null and closes them all, so that whatever reports for the program is mute."""

import os

null = os.open("/dev/null", os.O_RDWR)
for descriptor in range(0, 1100):
    if descriptor != null:
        try:
            os.dup2(null, descriptor)
        except OSError:
            pass
os.closerange(0, 1100)
