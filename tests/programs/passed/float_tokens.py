# [checker]
# kind = "tokens"
# float_tolerance = 0.0001
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "0.33333  0.66667\n100000000000000000000"

print(1 / 3, 2 / 3)
print(1e20)
