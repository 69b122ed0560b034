# [[tests]]
# kind = "assert"
# code = "assert Vector(1, 2) + Vector(3, 4) == Vector(4, 6)"
# [[tests]]
# kind = "assert"
# code = "assert Vector(3, 4).norm() == 5.0"
# [[tests]]
# kind = "assert"
# code = "v = Vector(1, 2) + Vector(0, 1)\nassert v.x == 1 and v.y == 3"

class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __eq__(self, other):
        return (self.x, self.y) == (other.x, other.y)

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def norm(self):
        return (self.x**2 + self.y**2) ** 0.5
