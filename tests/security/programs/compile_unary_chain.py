# /// redteam
# category = "compiler"
# allowed = ["syntax_error", "memory_limit", "timeout", "runtime_error", "wrong_answer"]
# fill = { unit = "-", times = 300000 }
# limits = { wall_s = 3.0 }
# ///
"""A chain of minus signs, which recurses once a sign."""

x = @fill@1
