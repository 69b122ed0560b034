# /// redteam
# category = "memory"
# allowed = ["timeout", "memory_limit", "runtime_error"]
# limits = { wall_s = 1.5, memory_mb = 128 }
# ///
"""Computes a power that neither fits nor ends, in one call that never returns to the interpreter."""

print(10 ** (10**10))
