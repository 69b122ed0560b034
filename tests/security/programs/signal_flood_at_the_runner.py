# /// redteam
# category = "signal"
# allowed = ["passed", "timeout", "runtime_error", "security_violation"]
# limits = { wall_s = 2.0 }
# ///
"""Bombards its parent and init with harmless and with harmful signals for a second."""

import os
import signal
import time

end = time.monotonic() + 1
targets = [pid for pid in {1, os.getppid()} if pid > 0]
while time.monotonic() < end:
    for pid in targets:
        for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGUSR1, signal.SIGWINCH, signal.SIGRTMAX):
            try:
                os.kill(pid, number)
            except OSError:
                pass
print("contained")
