# /// redteam
# category = "compiler"
# allowed = ["syntax_error", "memory_limit", "timeout", "runtime_error", "passed"]
# fill = { unit = "1+", times = 200000 }
# limits = { wall_s = 5.0 }
# ///
"""A sum with two hundred thousand terms: a syntax tree as deep as it is long."""

x = @fill@1
print("contained")
