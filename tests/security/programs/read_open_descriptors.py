# /// redteam
# category = "descriptor"
# limits = { wall_s = 3.0 }
# ///
"""Looks for descriptors that it was not given; standard input, output and error are all it should have."""

import os

extra = []
for descriptor in range(3, 4096):
    try:
        os.fstat(descriptor)
        extra.append(descriptor)
    except OSError:
        pass
print("contained" if not extra else f"BREACH descriptors {extra[:10]}")
