# /// redteam
# category = "compiler"
# allowed = ["syntax_error", "memory_limit", "timeout", "runtime_error"]
# fill = { unit = "(", times = 200000 }
# limits = { wall_s = 3.0 }
# ///
"""Two hundred thousand open parentheses, to exhaust the parser's stack."""

x = @fill@
