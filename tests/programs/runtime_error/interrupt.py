# [error]
# type = "KeyboardInterrupt"
# at = "raise KeyboardInterrupt"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

raise KeyboardInterrupt
