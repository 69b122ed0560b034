# [error]
# type = "UnicodeEncodeError"
# at = "print('\\ud800')"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "before\n"

print('before')
print('\ud800')
