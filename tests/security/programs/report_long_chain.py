# /// redteam
# category = "report"
# allowed = ["runtime_error", "memory_limit", "output_limit", "timeout"]
# limits = { wall_s = 4.0 }
# ///
"""Raises an exception with fifty thousand others behind it."""

error = None
for i in range(50_000):
    following = ValueError(i)
    following.__cause__ = error
    error = following
raise error
