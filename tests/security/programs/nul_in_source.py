# /// redteam
# category = "compiler"
# allowed = ["syntax_error"]
# fill = { unit = "\u0000", times = 3 }
# limits = { wall_s = 3.0 }
# ///
"""NUL bytes in the source, where a reader of C strings would stop."""
print("contained")
@fill@
