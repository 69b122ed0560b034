# [error]
# type = "PermissionError"
# at = "socket.sethostname('elsewhere')"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import socket

socket.sethostname('elsewhere')
