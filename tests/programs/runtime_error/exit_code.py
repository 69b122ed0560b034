# [error]
# type = "SystemExit"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "3\n"

import sys

print('3')
sys.exit(3)
