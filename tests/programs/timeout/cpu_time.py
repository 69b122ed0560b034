# [limits]
# wall_s = 20.0
# cpu_s = 0.5
# [error]
# type = "TimeoutError"
# at = "while True: total += 1"
# [[tests]]
# kind = "call"
# function = "burn"
# args = []

def burn():
    total = 0
    while True: total += 1
