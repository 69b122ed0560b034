# /// redteam
# category = "report"
# allowed = ["runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Prints the right answer, and raises an exception whose text ends the process with success."""

import os


class Quiet(Exception):
    def __str__(self):
        os._exit(0)

    __repr__ = __str__


print("contained-not")
raise Quiet
