# /// redteam
# category = "report"
# allowed = ["runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Raises system errors with numbers that no system has."""

error = OSError(10**50, "odd", "x" * 100_000, None, b"\xff")
error.errno = float("nan")
raise error
