# /// redteam
# category = "stdin"
# stdin = "@fill@"
# fill = { unit = "never read\n", times = 400000 }
# limits = { wall_s = 5.0 }
# ///
"""Closes its input at once while four megabytes are on their way."""

import os

os.close(0)
print("contained")
