# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "done\n"

import sys


def main():
    print('done')
    sys.exit(0)
    print('never')


main()
