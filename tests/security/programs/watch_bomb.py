# /// redteam
# category = "descriptor"
# allowed = ["passed", "timeout", "memory_limit"]
# limits = { wall_s = 4.0 }
# ///
"""Uses up what the kernel grants a user: watches, event descriptors, file locks, timers."""

import ctypes
import fcntl
import os
import select

libc = ctypes.CDLL(None)
try:
    while True:
        descriptor = libc.inotify_init()
        if descriptor < 0 or libc.inotify_add_watch(descriptor, b"/tmp", 0xFFF) < 0:
            break
except OSError:
    pass
file = os.open("locked", os.O_CREAT | os.O_RDWR)
try:
    for i in range(100_000):
        fcntl.lockf(file, fcntl.LOCK_EX, 1, 2 * i)
except OSError:
    pass
print("contained")
