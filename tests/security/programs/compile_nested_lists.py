# /// redteam
# category = "compiler"
# allowed = ["syntax_error", "memory_limit", "timeout", "runtime_error", "wrong_answer"]
# fill = { unit = "[", times = 190, close = "]" }
# limits = { wall_s = 3.0 }
# ///
"""Brackets just within the tokenizer's bound, each around a comprehension's source."""

x = @fill@
