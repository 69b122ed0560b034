# [limits]
# memory_mb = 64
# wall_s = 20.0
# [error]
# type = "MemoryError"
# at = "return 'a' * (1 << 62)"
# [[tests]]
# kind = "call"
# function = "allocate"
# args = []

def allocate():
    return 'a' * (1 << 62)
