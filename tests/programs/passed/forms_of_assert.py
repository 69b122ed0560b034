# [[tests]]
# kind = "assert"
# code = "assert abs(mean([0.1, 0.2]) - 0.15) < 1e-9"
# [[tests]]
# kind = "assert"
# code = "import math\nassert math.isclose(mean([0.1, 0.2]), 0.15)"
# [[tests]]
# kind = "assert"
# code = "assert round(mean([1, 1, 2]), 2) == 1.33"
# [[tests]]
# kind = "assert"
# code = "assert mean([1, 2]) != 2 and not mean([0])"
# [[tests]]
# kind = "assert"
# code = "assert 1 < mean([1, 2]) < 2"
# [[tests]]
# kind = "assert"
# code = "assert mean([2]) in (1, 2, 3)"
# [[tests]]
# kind = "assert"
# code = "assert isinstance(mean([1]), float)"
# [[tests]]
# kind = "assert"
# code = "assert dict(pairs()) == {1: 'a', 2: 'b'}, 'message'"
# [[tests]]
# kind = "assert"
# code = "assert list(pairs()) == [(1, 'a'), (2, 'b')]"
# [[tests]]
# kind = "assert"
# code = "assert (2, 'b') in pairs()"
# [[tests]]
# kind = "assert"
# code = "x = mean([4])\nassert x == 4\nassert x is not None"
# [[tests]]
# kind = "assert"
# code = "try:\n    mean([])\nexcept ZeroDivisionError:\n    pass\nelse:\n    assert False"
# [[tests]]
# kind = "assert"
# code = "for n in range(1, 5):\n    assert mean([n]) == n"

def mean(numbers):
    return sum(numbers) / len(numbers)


def pairs():
    yield 1, 'a'
    yield 2, 'b'
