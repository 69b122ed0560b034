# [error]
# type = "RecursionError"
# at = "return 1 + depth(n + 1)"
# [[tests]]
# kind = "call"
# function = "depth"
# args = [0]
# expected = 0

def depth(n):
    return 1 + depth(n + 1)
