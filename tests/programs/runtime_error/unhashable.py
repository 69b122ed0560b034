# [error]
# type = "TypeError"
# at = "return {item: i for i, item in enumerate(items)}"
# [[tests]]
# kind = "call"
# function = "index"
# args = [[[1]]]
# expected = {}

def index(items):
    return {item: i for i, item in enumerate(items)}
