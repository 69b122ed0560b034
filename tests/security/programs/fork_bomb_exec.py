# /// redteam
# category = "fork"
# allowed = ["timeout", "memory_limit", "runtime_error"]
# limits = { wall_s = 1.0, processes = 8 }
# ///
"""Starts interpreters that start interpreters, each a fresh program image."""

import subprocess
import sys

CODE = "import subprocess, sys\nwhile True:\n try: subprocess.Popen([sys.executable, '-c', sys.argv[1], sys.argv[1]])\n except OSError: pass"
while True:
    try:
        subprocess.Popen([sys.executable, "-c", CODE, CODE])
    except OSError:
        pass
