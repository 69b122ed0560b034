# [error]
# type = "IndentationError"
# at = "y = 2"
# [[tests]]
# kind = "assert"
# code = "assert f(1) == 1"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "1\n"

x = 1
  y = 2
