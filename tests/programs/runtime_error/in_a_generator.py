# [error]
# type = "IndexError"
# at = "yield [][1]"
# [[tests]]
# kind = "call"
# function = "total"
# args = []
# expected = 1

def numbers():
    yield 1
    yield [][1]


def total():
    return sum(numbers())
