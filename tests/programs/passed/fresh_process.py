# fresh_process = true
# [[tests]]
# kind = "assert"
# code = "assert count() == 1"
# [[tests]]
# kind = "assert"
# code = "assert count() == 1"
# [[tests]]
# kind = "call"
# function = "count"
# args = []
# expected = 1

calls = []


def count():
    calls.append(1)
    return len(calls)
