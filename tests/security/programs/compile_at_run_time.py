# /// redteam
# category = "compiler"
# allowed = ["runtime_error", "memory_limit", "timeout"]
# limits = { wall_s = 3.0 }
# ///
"""Feeds bombs to the compiler from within."""

import ast

for text in ("(" * 100_000 + ")" * 100_000, "-" * 1_000_000 + "1", "[" * 5000, "not " * 200_000 + "1"):
    for parse in (ast.literal_eval, ast.parse, lambda t: compile(t, "x", "exec"), eval):
        try:
            parse(text)
        except (SyntaxError, MemoryError, RecursionError, ValueError):
            pass
while True:
    pass
