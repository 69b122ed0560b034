# [error]
# type = "Problem"
# at = "raise Problem('really')"
# [[tests]]
# kind = "call"
# function = "work"
# args = []

class Problem(Exception):
    pass


def work():
    raise Problem('really')
