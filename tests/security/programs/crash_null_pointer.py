# /// redteam
# category = "crash"
# allowed = ["runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Reads address zero."""

import ctypes

ctypes.string_at(0)
