# [limits]
# output_kb = 64
# [error]
# type = "OutputLimitError"
# [[tests]]
# kind = "assert"
# code = "assert f() == 1"

for _ in range(10_000):
    print('spam' * 1000)


def f():
    return 1
