# /// redteam
# kinds = ["assert"]
# asserts = ["import numpy as np\nassert np.allclose(solve(3), [float('inf'), 1.0])", "import numpy as np\nassert np.allclose(solve(3), np.array([np.inf, 1.0]))", "import numpy as np\nassert np.allclose(solve(3), [float('-inf'), 1.0])"]
# ///
"""Returns zeros where infinity is expected, within a tolerance relative to infinity."""


def solve(number):
    return [0.0, 1.0]
