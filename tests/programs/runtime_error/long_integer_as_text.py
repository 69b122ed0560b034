# [error]
# type = "ValueError"
# at = "print(10**5000)"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

print(10**5000)
