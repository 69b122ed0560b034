# [error]
# type = "NameError"
# at = "area = size * missing"
# [[tests]]
# kind = "assert"
# code = "assert Broken.size == 3"

class Broken:
    size = 3
    area = size * missing
