# /// redteam
# category = "signal"
# allowed = ["passed", "runtime_error", "security_violation"]
# limits = { wall_s = 3.0 }
# ///
"""Slows down all processes of its user, the runner among them if it is one."""

import os

for who in (0, os.getuid(), 1000):
    for kind in (os.PRIO_USER, os.PRIO_PGRP):
        try:
            os.setpriority(kind, who, 19)
        except OSError:
            pass
print("contained")
