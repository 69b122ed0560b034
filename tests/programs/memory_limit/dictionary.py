# [limits]
# memory_mb = 64
# wall_s = 20.0
# [error]
# type = "MemoryError"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = ""

table = {}
for i in range(100_000_000): table[i] = str(i)
