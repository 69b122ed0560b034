# /// redteam
# category = "filesystem"
# limits = { wall_s = 4.0 }
# ///
"""Runs programs that would make it root, and makes one of its own."""

import os
import shutil
import subprocess
import sys

CODE = "import os; print('ROOT' if 0 in (os.geteuid(), os.getuid()) and open('/etc/shadow').read(1) else 'no')"
found = b""
try:
    shutil.copy(os.path.realpath(sys.executable), "python-copy")
    os.chmod("python-copy", 0o6755)
    found += subprocess.run(["./python-copy", "-I", "-c", CODE], capture_output=True, timeout=3).stdout
except OSError:
    pass
for command in (["su", "-c", "id"], ["mount"], ["newgrp"], ["sudo", "-n", "id"]):
    try:
        found += subprocess.run(command, capture_output=True, timeout=1, stdin=subprocess.DEVNULL).stdout
    except (OSError, subprocess.TimeoutExpired):
        pass
print("BREACH root" if b"uid=0" in found or b"ROOT" in found else "contained")
