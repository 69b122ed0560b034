# /// redteam
# category = "report"
# allowed = ["runtime_error", "wrong_answer"]
# limits = { wall_s = 3.0 }
# ///
"""Raises an exception whose type says that its module is a number and its name a method that exits."""

import os


class Meta(type):
    def __getattribute__(cls, name):
        os._exit(0)

    def __repr__(cls):
        os._exit(0)


class Odd(Exception, metaclass=Meta):
    __module__ = 5
    __qualname__ = "o" * 100_000


raise Odd
