# /// redteam
# category = "report"
# allowed = ["runtime_error", "syntax_error"]
# limits = { wall_s = 3.0 }
# ///
"""Raises from code that says it lies in the program, at positions that do not exist."""

import sys

name = sys._getframe().f_code.co_filename
code = compile("\n" * 1_000_000 + "1 / 0", name, "exec")
exec(code.replace(co_name="\ud800" * 1000, co_qualname="<b>"))
