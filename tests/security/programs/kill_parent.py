# /// redteam
# category = "signal"
# allowed = ["passed", "runtime_error", "security_violation", "timeout"]
# limits = { wall_s = 2.0 }
# ///
"""Sends SIGKILL to its parent, and to its parent's process group and session."""

import os
import signal

parent = os.getppid()
for target in (parent, -parent, -os.getsid(0)):
    if target not in (0, -0, 1, -1):
        try:
            os.kill(target, signal.SIGKILL)
        except OSError:
            pass
print("contained")
