# [limits]
# memory_mb = 64
# wall_s = 20.0
# [error]
# type = "MemoryError"
# [[tests]]
# kind = "stdio"
# stdin = ""
# expected_stdout = "1000000000\n"

data = 'x' * 1_000_000_000
print(len(data))
