# /// redteam
# category = "answer"
# kind = "call"
# allowed = ["wrong_answer", "output_limit", "timeout"]
# limits = { wall_s = 2.0, output_kb = 64 }
# ///
"""Prints from a thread without end while its answers are on their way."""

import os
import threading


def spill():
    while True:
        os.write(1, b"x" * 4096)


threading.Thread(target=spill, daemon=True).start()


def solve(number):
    return "contained-not"
