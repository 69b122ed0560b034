# /// redteam
# category = "stdin"
# stdin = "@fill@"
# fill = { unit = "never read\n", times = 400000 }
# limits = { wall_s = 5.0 }
# ///
"""Is given four megabytes and reads none of them: whoever writes first and reads later waits for ever."""

print("contained")
