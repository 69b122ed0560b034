# [error]
# type = "SyntaxError"
# at = "from __future__ import annotations"
# [[tests]]
# kind = "assert"
# code = "assert f(1) == 1"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "1\n"

x = 1
from __future__ import annotations
