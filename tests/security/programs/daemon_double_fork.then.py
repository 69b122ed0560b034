# /// redteam
# category = "daemon"
# ///
"""Looks for processes that it could signal: none but itself, its parent and its init may be there."""

import os

strangers = []
for pid in range(2, 4000):
    if pid in (os.getpid(), os.getppid()):
        continue
    try:
        os.kill(pid, 0)
        strangers.append(pid)
    except OSError:
        pass
print("contained" if not strangers else f"BREACH processes {strangers[:10]} can be signalled")
