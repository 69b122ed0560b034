# prelude = "from math import tau\n"
# setup = "root = Node(1)\nroot.left = Node(2)\n"
# [[tests]]
# kind = "assert"
# code = "assert depth(root) == 2"
# [[tests]]
# kind = "assert"
# code = "assert tau > 6"

class Node:
    def __init__(self, value):
        self.value = value
        self.left = None


def depth(node):
    return 0 if node is None else 1 + depth(node.left)
