# [limits]
# output_kb = 64
# [error]
# type = "OutputLimitError"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "x"

print('x' * 1_000_000)
