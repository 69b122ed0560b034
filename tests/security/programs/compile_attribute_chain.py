# /// redteam
# category = "compiler"
# allowed = ["syntax_error", "memory_limit", "timeout", "runtime_error"]
# fill = { unit = ".a", times = 200000 }
# limits = { wall_s = 3.0 }
# ///
"""A chain of attributes, parsed in a loop but walked by recursion."""

x = 1
y = x@fill@
