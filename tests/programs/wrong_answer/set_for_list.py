# [[tests]]
# kind = "call"
# function = "unique"
# args = [[1, 1]]
# expected = [1]

def unique(items):
    return set(items)
