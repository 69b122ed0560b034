# [[tests]]
# kind = "assert"
# code = "assert count() == 1"
# [[tests]]
# kind = "assert"
# code = "assert count() == 2\nassert count() == 3"

calls = []


def count():
    calls.append(1)
    return len(calls)
