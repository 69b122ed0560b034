# [[tests]]
# kind = "stdio"
# stdin = "a\r\nb"
# expected_stdout = "['a\\r\\n', 'b']\n"

import sys

print([line for line in sys.stdin])
