# /// redteam
# 
# ///
"""Raises an exception whose every method ends the process or lies."""

import os


class Lie(Exception):
    def __str__(self):
        os._exit(0)

    __repr__ = __str__

    @property
    def __class__(self):
        return type(None)

    @property
    def __traceback__(self):
        os._exit(0)


def solve(number):
    raise Lie("passed")
