# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "1\n2\n"

print('1\n\n2')
