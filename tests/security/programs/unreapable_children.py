# /// redteam
# category = "daemon"
# allowed = ["passed", "timeout", "security_violation", "runtime_error"]
# limits = { wall_s = 2.0 }
# ///
"""Leaves children that are traced, stopped or waiting in vfork, which take longer to kill."""

import ctypes
import os
import signal

libc = ctypes.CDLL(None)
for kind in range(4):
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        if kind == 0:
            libc.ptrace(0, 0, None, None)
            os.kill(os.getpid(), signal.SIGSTOP)
        elif kind == 1:
            os.posix_spawn("/bin/sleep", ["sleep", "60"], {})
            signal.pause()
        elif kind == 2:
            os.kill(os.getpid(), signal.SIGTSTP)
        signal.pause()
print("contained")
