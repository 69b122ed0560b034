# /// redteam
# category = "output"
# allowed = ["output_limit"]
# limits = { wall_s = 5.0, output_kb = 256 }
# ///
"""Prints without end."""

import os

while True:
    os.write(1, b"x" * 65536)
