# setup = "raise ValueError('setup')\n"
# [error]
# type = "ValueError"
# [[tests]]
# kind = "assert"
# code = "assert add(1, 2) == 3"

def add(a, b):
    return a + b
