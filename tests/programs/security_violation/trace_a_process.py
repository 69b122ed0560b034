# [error]
# type = "PermissionError"
# at = "raise OSError(ctypes.get_errno(), 'ptrace')"
# [[tests]]
# kind = "call"
# function = "attach"
# args = []

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def attach():
    if libc.ptrace(16, os.getppid(), 0, 0) == -1:
        raise OSError(ctypes.get_errno(), 'ptrace')
