# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "20000\n"
# [[tests]]
# kind = "assert"
# code = "assert depth(5000) == 5000"

import sys

sys.setrecursionlimit(30_000)


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


print(depth(20_000))
