# [limits]
# wall_s = 0.5
# [error]
# type = "TimeoutError"
# at = "subprocess.run(['sleep', '30'])"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import subprocess

subprocess.run(['sleep', '30'])
