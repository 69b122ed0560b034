# /// redteam
# category = "crash"
# allowed = ["runtime_error"]
# limits = { wall_s = 4.0 }
# ///
"""Asks for a core dump and crashes with a lot of memory."""

import os
import resource
import signal

try:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
except (OSError, ValueError):
    pass
hoard = bytearray(b"x") * (50 << 20)
os.kill(os.getpid(), signal.SIGSEGV)
