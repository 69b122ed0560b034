# [error]
# type = "NameError"
# [[tests]]
# kind = "call"
# function = "subtract"
# args = [1, 2]
# expected = -1
# [[tests]]
# kind = "assert"
# code = "assert subtract(1, 2) == -1"

def add(a, b):
    return a + b
