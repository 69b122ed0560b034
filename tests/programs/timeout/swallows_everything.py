# [limits]
# wall_s = 0.5
# [error]
# type = "TimeoutError"
# at = "try: time.sleep(1)"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import time

while True:
    try: time.sleep(1)
    except BaseException: pass
