# [error]
# type = "IndentationError"
# at = "print(f(1))"
# [[tests]]
# kind = "assert"
# code = "assert f(1) == 1"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "1\n"

def f(x):


print(f(1))
