# [limits]
# wall_s = 0.5
# [error]
# type = "TimeoutError"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import signal
import time

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
time.sleep(30)
