# [limits]
# output_kb = 64
# [error]
# type = "OutputLimitError"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import subprocess
import sys

subprocess.run([sys.executable, '-c', 'print("x" * 1_000_000)'])
