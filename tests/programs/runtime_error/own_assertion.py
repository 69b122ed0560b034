# [error]
# type = "AssertionError"
# at = "assert n > 0, 'must be positive'"
# [[tests]]
# kind = "call"
# function = "positive"
# args = [-1]
# expected = -1
# [[tests]]
# kind = "assert"
# code = "assert positive(-1) == -1"

def positive(n):
    assert n > 0, 'must be positive'
    return n
