# [limits]
# output_kb = 64
# [error]
# type = "OutputLimitError"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

while True:
    print('spam' * 100)
