# /// redteam
# category = "report"
# allowed = ["runtime_error", "memory_limit", "output_limit", "timeout"]
# limits = { wall_s = 4.0, memory_mb = 512 }
# ///
"""Raises an exception with a message of a hundred megabytes."""

raise ValueError("x" * (100 << 20))
