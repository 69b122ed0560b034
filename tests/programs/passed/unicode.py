# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "😀 é   5\n"

naïve = '😀 é \u2028'
print(naïve, len(naïve))
