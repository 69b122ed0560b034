# [error]
# type = "SyntaxError"
# at = "def f(a, b, a):"
# [[tests]]
# kind = "assert"
# code = "assert f(1) == 1"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "1\n"

def f(a, b, a):
    return a
