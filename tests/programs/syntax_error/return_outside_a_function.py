# [error]
# type = "SyntaxError"
# at = "return x"
# [[tests]]
# kind = "assert"
# code = "assert f(1) == 1"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "1\n"

x = 1
return x
