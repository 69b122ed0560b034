# [limits]
# output_kb = 64
# [error]
# type = "OutputLimitError"
# [[tests]]
# kind = "call"
# function = "shout"
# args = []
# expected = 1

def shout():
    for _ in range(10_000):
        print('spam' * 1000)
    return 1
