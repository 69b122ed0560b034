# [error]
# type = "ZeroDivisionError"
# at = "return a / b"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

from functools import reduce


def divide(a, b):
    return a / b


print(reduce(divide, [1, 0]))
