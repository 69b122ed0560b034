# /// redteam
# 
# ///
"""Defines the function under another name, as a method and in a nested place."""


class Solution:
    def solve_all(self, number):
        return 7919


def solver(number):
    return 7919
