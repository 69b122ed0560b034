# [error]
# type = "EOFError"
# at = "second = input()"
# [[tests]]
# kind = "stdio"
# stdin = "a\n"
# expected_stdout = "ab"

first = input()
second = input()
print(first + second)
