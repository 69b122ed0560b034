# [error]
# type = "SystemExit"
# at = "sys.exit('cannot go on')"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import sys


def main():
    sys.exit('cannot go on')


main()
