# /// redteam
# category = "fork"
# allowed = ["timeout", "memory_limit", "runtime_error"]
# limits = { wall_s = 1.0, processes = 8 }
# ///
"""Spawns through posix_spawn, which uses vfork, and ignores SIGCHLD so that nothing is waited for."""

import os
import signal
import sys

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    try:
        os.posix_spawn(sys.executable, [sys.executable, "-c", "while True: pass"], {})
    except OSError:
        pass
