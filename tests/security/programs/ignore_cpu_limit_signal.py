# /// redteam
# category = "signal"
# allowed = ["timeout"]
# limits = { wall_s = 5.0, cpu_s = 0.5 }
# ///
"""Ignores SIGXCPU and spins past its CPU limit."""

import signal

signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while True:
    pass
