# [error]
# type = "SIGSEGV"
# at = "return ctypes.string_at(0)"
# [[tests]]
# kind = "call"
# function = "crash"
# args = []

import ctypes


def crash():
    return ctypes.string_at(0)
