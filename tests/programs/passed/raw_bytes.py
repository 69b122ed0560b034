# [checker]
# kind = "exact"
# [[tests]]
# kind = "stdio"
# stdin = "abc\u0000\n"
# expected_stdout = "\n\u0000cba"

import sys

data = sys.stdin.buffer.read()
sys.stdout.buffer.write(data[::-1])
