# [checker]
# kind = "unordered"
# [[tests]]
# kind = "call"
# function = "divisors"
# args = [6]
# expected = [6, 1, 3, 2]

def divisors(n):
    return {d for d in range(1, n + 1) if n % d == 0}
