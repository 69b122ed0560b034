# [error]
# type = "SyntaxError"
# at = "f(1) = 2"
# [[tests]]
# kind = "assert"
# code = "assert f(1) == 1"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "1\n"

f(1) = 2
