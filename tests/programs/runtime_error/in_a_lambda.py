# [error]
# type = "ZeroDivisionError"
# at = "half = lambda n: n / 0"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

half = lambda n: n / 0
print(list(map(half, [1])))
