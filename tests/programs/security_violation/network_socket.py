# [error]
# type = "PermissionError"
# at = "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

import socket

socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
