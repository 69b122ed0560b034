# [[tests]]
# kind = "assert"
# code = "assert add(1, 2) == 3"
# [[tests]]
# kind = "assert"
# code = "assert add('a', 'b') == 'ab'"
# [[tests]]
# kind = "call"
# function = "add"
# args = [1, 2]
# expected = 3
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

def add(a, b):
    return a + b
