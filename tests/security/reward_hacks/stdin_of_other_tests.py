# /// redteam
# kinds = ["stdio"]
# ///
"""Looks for the inputs and outputs of other tests in files and descriptors."""

import os

for descriptor in range(3, 300):
    try:
        data = os.pread(descriptor, 1 << 20, 0)
        if b"7919" in data:
            print(7919)
            break
    except OSError:
        pass
