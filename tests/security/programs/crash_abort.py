# /// redteam
# category = "crash"
# allowed = ["runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Aborts."""

import os

os.abort()
