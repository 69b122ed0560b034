# [error]
# type = "SIGABRT"
# at = "os.abort()"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import os

os.abort()
