# [error]
# type = "ZeroDivisionError"
# at = "return total / count"
# [[tests]]
# kind = "call"
# function = "report"
# args = []
# expected = 0
# [[tests]]
# kind = "assert"
# code = "assert report() == 0"

def mean(total, count):
    return total / count


def report():
    return mean(3, 0)
