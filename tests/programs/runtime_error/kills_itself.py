# [error]
# type = "SIGKILL"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
