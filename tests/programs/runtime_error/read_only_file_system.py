# [error]
# type = "OSError"
# at = "open('/etc/answer', 'w')"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

open('/etc/answer', 'w')
