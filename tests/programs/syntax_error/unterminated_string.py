# [error]
# type = "SyntaxError"
# at = "return 'abc"
# [[tests]]
# kind = "assert"
# code = "assert f(1) == 1"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "1\n"

def f(x):
    return 'abc
