# [error]
# type = "ZeroDivisionError"
# at = "name = '😀é'; size = len(name) / 0"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

name = '😀é'; size = len(name) / 0
