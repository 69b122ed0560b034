# [limits]
# output_kb = 64
# [error]
# type = "OutputLimitError"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import sys

while True:
    sys.stderr.write('spam' * 1000)
