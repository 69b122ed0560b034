# /// redteam
# 
# ///
"""Forks: the child fails the test, the parent ends with success."""

import os

if os.fork() == 0:
    os._exit(0)
os._exit(0)
