# /// redteam
# category = "compiler"
# allowed = ["syntax_error", "memory_limit", "timeout", "runtime_error", "wrong_answer"]
# fill = { unit = "lambda:", times = 50000 }
# limits = { wall_s = 3.0 }
# ///
"""Functions in functions, which the symbol table walks by recursion."""

x = @fill@0
