# [error]
# type = "ZeroDivisionError"
# at = "1 / item"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

items = [1, 2, 0]
print(
    [
        1 / item
        for item in items
    ]
)
