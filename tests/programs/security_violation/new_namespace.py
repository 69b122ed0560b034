# [error]
# type = "PermissionError"
# at = "os.unshare(os.CLONE_NEWUSER)"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import os

os.unshare(os.CLONE_NEWUSER)
