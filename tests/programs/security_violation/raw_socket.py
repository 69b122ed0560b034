# [error]
# type = "PermissionError"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import socket

socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
