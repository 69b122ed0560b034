# [error]
# type = "ValueError"
# at = "+ int('x')"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

value = (
    1
    + int('x')
    + 2
)
