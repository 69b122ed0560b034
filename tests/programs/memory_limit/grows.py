# [limits]
# memory_mb = 64
# wall_s = 20.0
# [error]
# type = "MemoryError"
# [[tests]]
# kind = "call"
# function = "grow"
# args = []

def grow():
    chunks = []
    while True: chunks.append(bytearray(1 << 20))
