# /// redteam
# category = "report"
# allowed = ["runtime_error", "wrong_answer"]
# limits = { wall_s = 3.0 }
# ///
"""Replaces everything that reports an error and then makes one."""

import faulthandler
import os
import sys
import traceback

faulthandler.disable()
sys.excepthook = sys.unraisablehook = lambda *details: os._exit(0)
for name in dir(traceback):
    if callable(getattr(traceback, name)) and not name.startswith("__"):
        setattr(traceback, name, lambda *args, **kwargs: os._exit(0))
os.write, os._exit_ = (lambda *args: 0), os._exit
raise RuntimeError("unreported")
