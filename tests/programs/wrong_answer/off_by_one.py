# [[tests]]
# kind = "assert"
# code = "assert count([1]) == 1"
# [[tests]]
# kind = "call"
# function = "count"
# args = [[]]
# expected = 0

def count(items):
    return len(items) + 1
