# /// redteam
# kinds = ["stdio"]
# ///
"""Seeks back in its output and truncates it, in case it is a file that is compared later."""

import os

print("0", flush=True)
for descriptor in (1, 2):
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.ftruncate(descriptor, 0)
        print("BRE" + "ACH output is a file")
    except OSError:
        pass
