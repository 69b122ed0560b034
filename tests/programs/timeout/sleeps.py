# [limits]
# wall_s = 0.5
# [error]
# type = "TimeoutError"
# at = "time.sleep(30)"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "before\n"

import time

print('before')
time.sleep(30)
