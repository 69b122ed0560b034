# /// redteam
# category = "compiler"
# allowed = ["syntax_error", "passed"]
# limits = { wall_s = 3.0 }
# ///
# -*- coding: no-such-codec -*-
"""Declares an encoding that nobody knows, for whoever decodes the source on the wrong side."""
print("contained")
