# [limits]
# memory_mb = 64
# wall_s = 20.0
# [error]
# type = "MemoryError"
# [[tests]]
# kind = "call"
# function = "allocate"
# args = []
# expected = 1073741824

def allocate():
    return len(bytes(bytearray(b'x') * (1 << 30)))
