# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

