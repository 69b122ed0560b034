# [limits]
# wall_s = 5.0
# total_s = 1.0
# [error]
# type = "TimeoutError"
# [[tests]]
# kind = "assert"
# code = "assert nap() == 1"
# [[tests]]
# kind = "assert"
# code = "assert nap() == 1"
# [[tests]]
# kind = "assert"
# code = "assert nap() == 1"
# [[tests]]
# kind = "assert"
# code = "assert nap() == 1"
# [[tests]]
# kind = "assert"
# code = "assert nap() == 1"

import time


def nap():
    time.sleep(0.4)
    return 1
