# [error]
# type = "TypeError"
# [[tests]]
# kind = "call"
# function = "add"
# args = [1]
# expected = 1
# [[tests]]
# kind = "assert"
# code = "assert add(1) == 1"

def add(a, b):
    return a + b
