# /// redteam
# category = "report"
# allowed = ["runtime_error", "wrong_answer"]
# limits = { wall_s = 3.0 }
# ///
"""Raises an exception whose text ends the process with success: no more than an exit without an answer."""

import os


class Quiet(Exception):
    def __str__(self):
        os._exit(0)

    __repr__ = __str__


raise Quiet
