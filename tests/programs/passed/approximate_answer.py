# [checker]
# kind = "approx"
# float_tolerance = 1e-06
# [[tests]]
# kind = "call"
# function = "roots"
# args = [1, 0, -2]
# expected = [-1.41421356, 1.41421356]

def roots(a, b, c):
    d = (b * b - 4 * a * c) ** 0.5
    return [(-b - d) / (2 * a), (-b + d) / (2 * a)]
