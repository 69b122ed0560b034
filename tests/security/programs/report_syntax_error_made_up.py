# /// redteam
# category = "report"
# allowed = ["runtime_error", "syntax_error"]
# limits = { wall_s = 3.0 }
# ///
"""Raises a SyntaxError with positions that no compiler would give."""

error = SyntaxError("made up", ("main.py", -5, 10**10, "\ud800\x00" * 1000, 10**30, -1))
error.lineno, error.offset, error.end_lineno, error.text = 10**30, "x", object(), 5
error.print_file_and_line = error.filename = object()
raise error
