# /// redteam
# category = "time"
# allowed = ["timeout"]
# limits = { wall_s = 0.7 }
# ///
"""Sleeps."""

import time

time.sleep(1e6)
