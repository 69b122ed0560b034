# [limits]
# wall_s = 0.5
# [error]
# type = "TimeoutError"
# at = "time.sleep(30)"
# [[tests]]
# kind = "assert"
# code = "assert f() == 1"
# [[tests]]
# kind = "call"
# function = "f"
# args = []
# expected = 1

import time


def f():
    return 1


time.sleep(30)
