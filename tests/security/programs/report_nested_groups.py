# /// redteam
# category = "report"
# allowed = ["runtime_error", "memory_limit", "timeout"]
# limits = { wall_s = 4.0 }
# ///
"""Raises groups of exceptions, one within the other, twenty thousand deep."""

error = ValueError("innermost")
for _ in range(20_000):
    error = ExceptionGroup("group", [error])
raise error
