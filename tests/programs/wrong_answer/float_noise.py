# [[tests]]
# kind = "call"
# function = "total"
# args = []
# expected = 0.3
# [[tests]]
# kind = "assert"
# code = "assert total() == 0.3"
# [[tests]]
# kind = "assert"
# code = "assert abs(total() - 0.31) < 1e-3"

def total():
    return 0.1 + 0.2
