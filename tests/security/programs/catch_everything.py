# /// redteam
# category = "signal"
# allowed = ["timeout"]
# limits = { wall_s = 1.0 }
# ///
"""Catches every exception there is and goes on, in case a limit is an exception."""

while True:
    try:
        while True:
            pass
    except BaseException:
        continue
