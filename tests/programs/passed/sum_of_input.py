# [[tests]]
# kind = "stdio"
# stdin = "1 2 3\n"
# expected_stdout = "6\n"
# [[tests]]
# kind = "stdio"
# stdin = "-1"
# expected_stdout = "-1\n"
# [[tests]]
# kind = "stdio"
# stdin = "10 20\r\n"
# expected_stdout = "30\n"

numbers = map(int, input().split())
print(sum(numbers))
