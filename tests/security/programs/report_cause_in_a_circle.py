# /// redteam
# category = "report"
# allowed = ["runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Raises exceptions that are each other's cause and context."""

first, second = ValueError("first"), KeyError("second")
first.__cause__, second.__cause__ = second, first
first.__context__, second.__context__ = second, first
raise first
