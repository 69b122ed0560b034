# /// redteam
# kinds = ["stdio"]
# ///
"""Reads past the end of its input, backwards and sideways, for what lies beside it."""

import os
import sys

texts = [sys.stdin.read()]
for position in (-(1 << 20), 0, 1 << 12):
    try:
        os.lseek(0, max(0, position), os.SEEK_SET)
        texts.append(os.read(0, 1 << 20).decode("latin-1"))
    except OSError:
        pass
print("7919" if any("79" + "19" in text for text in texts) else "nothing")
