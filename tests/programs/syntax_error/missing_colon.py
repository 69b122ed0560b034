# [error]
# type = "SyntaxError"
# at = "def f(x)"
# [[tests]]
# kind = "assert"
# code = "assert f(1) == 1"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "1\n"

def f(x)
    return x
