# [limits]
# wall_s = 0.5
# [error]
# type = "TimeoutError"
# [[tests]]
# kind = "call"
# function = "spin"
# args = []

def spin():
    while True:
        pass
