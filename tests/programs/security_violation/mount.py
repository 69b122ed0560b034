# [error]
# type = "PermissionError"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b'none', b'/tmp', b'tmpfs', 0, None):
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
