# [limits]
# wall_s = 0.5
# [error]
# type = "TimeoutError"
# at = "re.match('(a+)+$', 'a' * 50 + 'b')"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import re

re.match('(a+)+$', 'a' * 50 + 'b')
