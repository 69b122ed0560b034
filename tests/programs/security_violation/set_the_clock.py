# [error]
# type = "PermissionError"
# at = "time.clock_settime(time.CLOCK_REALTIME, 0)"
# [[tests]]
# kind = "call"
# function = "turn_back"
# args = []

import time


def turn_back():
    time.clock_settime(time.CLOCK_REALTIME, 0)
