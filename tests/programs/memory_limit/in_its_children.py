# [limits]
# memory_mb = 64
# wall_s = 20.0
# [error]
# type = "MemoryError"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "0\n"

import subprocess
import sys

child = 'x = bytearray(200 << 20); x[::4096] = bytes(len(x[::4096]))'
print(subprocess.run([sys.executable, '-c', child]).returncode)
