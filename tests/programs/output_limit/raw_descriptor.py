# [limits]
# output_kb = 64
# [error]
# type = "OutputLimitError"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import os

while True:
    os.write(1, b'x' * 4096)
