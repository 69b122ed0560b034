# /// redteam
# category = "daemon"
# allowed = ["runtime_error", "security_violation", "timeout"]
# limits = { wall_s = 2.0 }
# ///
"""A child kills the program and prints the right answer in its place: the program was killed, and that is no pass."""

import os
import signal
import time

if os.fork() == 0:
    os.kill(os.getppid(), signal.SIGKILL)
    os.write(1, b"contained\n")
    os._exit(0)
time.sleep(10)
