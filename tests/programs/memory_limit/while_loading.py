# [limits]
# memory_mb = 64
# wall_s = 20.0
# [error]
# type = "MemoryError"
# [[tests]]
# kind = "assert"
# code = "assert len(data) == 50_000_000"

data = [i for i in range(50_000_000)]
