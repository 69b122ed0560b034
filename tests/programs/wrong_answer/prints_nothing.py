# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "3\n"

answer = 3
