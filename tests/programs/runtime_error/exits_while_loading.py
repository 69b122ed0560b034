# [error]
# type = "SystemExit"
# at = "sys.exit(0)"
# [[tests]]
# kind = "call"
# function = "add"
# args = [1, 2]
# expected = 3
# [[tests]]
# kind = "assert"
# code = "assert add(1, 2) == 3"

import sys


def add(a, b):
    return a + b


sys.exit(0)
