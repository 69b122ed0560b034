# /// redteam
# category = "output"
# allowed = ["wrong_answer"]
# limits = { wall_s = 3.0 }
# ///
"""Prints bytes that are no text, control sequences, NULs and lone surrogates, to break whoever stores or shows them."""

import os

os.write(1, bytes(range(256)) * 20 + b"\x1b[2J\x1b]0;title\x07\xed\xa0\x80\xff\xfe\x00")
os.write(2, b"\r\n\x00\x1b[31m\xc3\x28")
