# /// redteam
# category = "output"
# allowed = ["output_limit"]
# limits = { wall_s = 5.0, output_kb = 256 }
# ///
"""Writes to stderr without end, where a careless reader of stdout alone lets the pipe fill up."""

import os

while True:
    os.write(2, b"x" * 65536)
