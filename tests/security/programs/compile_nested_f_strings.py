# /// redteam
# category = "compiler"
# allowed = ["syntax_error", "memory_limit", "timeout", "runtime_error", "wrong_answer"]
# fill = { unit = "f'{", times = 5000, close = "}'" }
# limits = { wall_s = 3.0 }
# ///
"""F-strings in f-strings, a parser of their own in newer versions of the language."""

x = @fill@
