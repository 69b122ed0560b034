# [[tests]]
# kind = "assert"
# code = "assert power(2, 5000) == 2 ** 5000"
# [[tests]]
# kind = "assert"
# code = "assert power(-7, 101) == -7 ** 101"
# [[tests]]
# kind = "call"
# function = "power"
# args = [10, 20]
# expected = 1e+20
# [[tests]]
# kind = "assert"
# code = "assert power(2.0, 1023) > 8e307"

def power(base, exponent):
    return base**exponent
