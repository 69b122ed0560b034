# [[tests]]
# kind = "assert"
# code = "assert f() == 2\nraise ValueError"

def f():
    return 1
