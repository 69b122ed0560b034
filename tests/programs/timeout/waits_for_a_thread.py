# [limits]
# wall_s = 0.5
# [error]
# type = "TimeoutError"
# at = "threading.Event().wait()"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import threading

threading.Event().wait()
