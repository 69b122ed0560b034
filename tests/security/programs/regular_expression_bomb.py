# /// redteam
# category = "compiler"
# allowed = ["timeout"]
# limits = { wall_s = 1.0 }
# ///
"""A regular expression that backtracks for ages without giving the interpreter a chance to act."""

import re

re.match(r"(a+)+$", "a" * 60 + "b")
