# [error]
# type = "ValueError"
# at = "a, b = map(int, input().split())"
# [[tests]]
# kind = "stdio"
# stdin = "1 x\n"
# expected_stdout = "3"

a, b = map(int, input().split())
print(a + b)
