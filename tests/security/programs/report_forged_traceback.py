# /// redteam
# category = "report"
# allowed = ["runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Raises with a traceback of its own making, whose lines lie far outside of any file."""

import sys
import types

frame = sys._getframe()
trace = None
for line in (2**31 - 1, -(2**31), 0, -1, 10**6):
    trace = types.TracebackType(trace, frame, 0, line)
raise ValueError("forged").with_traceback(trace)
