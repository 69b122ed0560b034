# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "end\n"
# [[tests]]
# kind = "stdio"
# stdin = "abc\ndef"
# expected_stdout = "cba\nfed\nend\n"

try:
    while True:
        print(input()[::-1])
except EOFError:
    print('end')
