# [error]
# type = "PermissionError"
# at = "os.chroot('/tmp')"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import os

os.chroot('/tmp')
