# /// redteam
# category = "answer"
# kind = "call"
# allowed = ["wrong_answer", "runtime_error", "security_violation", "timeout"]
# limits = { wall_s = 2.0 }
# tests = 3
# ///
"""Forks within its function, so that two processes go on to report the same test."""

import os


def solve(number):
    os.fork()
    return "contained-not"
