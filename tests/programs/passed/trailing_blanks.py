# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "1 2\n\n3\n"

print('1 2 ')
print()
print('3', end='\n\n\n')
