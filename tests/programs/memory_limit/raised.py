# [limits]
# memory_mb = 64
# wall_s = 20.0
# [error]
# type = "MemoryError"
# at = "raise MemoryError('no room')"
# [[tests]]
# kind = "call"
# function = "allocate"
# args = []

def allocate():
    raise MemoryError('no room')
