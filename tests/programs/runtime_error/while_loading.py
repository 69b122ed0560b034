# [error]
# type = "ValueError"
# at = "math.sqrt(-1)"
# [[tests]]
# kind = "assert"
# code = "assert 1 == 1"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import math

math.sqrt(-1)
