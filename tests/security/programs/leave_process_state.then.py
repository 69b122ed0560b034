# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Checks that the state of its process is that of a fresh one."""

import builtins
import json
import os
import resource
import signal
import sys

wrong = []
mask = os.umask(0o22)
checks = {
    "umask": mask in (0o22, 0o77, 0o2),
    "environment": "LEFT_BEHIND" not in os.environ,
    "priority": os.nice(0) == 0,
    "handler": signal.getsignal(signal.SIGTERM) == signal.SIG_DFL,
    "mask": not signal.pthread_sigmask(signal.SIG_BLOCK, set()),
    "open files": resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 10,
    "builtins": not any(hasattr(place, "left_behind") for place in (builtins, sys, json)),
    "json": json.dumps([1]) == "[1]",
    "path": bool(sys.path),
    "recursion": sys.getrecursionlimit() >= 1000,
    "directory": os.getcwd() != "/",
}
wrong = [name for name, holds in checks.items() if not holds]
print("contained" if not wrong else f"BREACH {wrong}")
