# [[tests]]
# kind = "assert"
# code = "for n in range(5):\n    assert square(n) == n * n"
# [[tests]]
# kind = "assert"
# code = "def check(f):\n    assert f(3) == 9\ncheck(square)"
# [[tests]]
# kind = "assert"
# code = "assert all(square(n) == n * n for n in range(5))"

def square(n):
    return n + n
