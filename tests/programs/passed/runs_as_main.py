# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "__main__ 1 True\n"

import sys


def main():
    print(__name__, len(sys.argv), sys.argv[0] == __file__)


if __name__ == '__main__':
    main()
