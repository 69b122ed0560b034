# [[tests]]
# kind = "call"
# function = "add"
# args = [1, 2]
# expected = 3
# [[tests]]
# kind = "assert"
# code = "assert add(1, 2) == 3"
# [[tests]]
# kind = "assert"
# code = "assert add(1, 2)"

def add(a, b):
    print(a + b)
