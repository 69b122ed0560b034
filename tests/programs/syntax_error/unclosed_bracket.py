# [error]
# type = "SyntaxError"
# at = "return g(x, [1, 2"
# [[tests]]
# kind = "assert"
# code = "assert f(1) == 1"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "1\n"

def f(x):
    return g(x, [1, 2
