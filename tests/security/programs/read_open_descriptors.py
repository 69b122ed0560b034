# /// redteam
# category = "descriptor"
# limits = { wall_s = 3.0 }
# ///
"""Looks for descriptors beyond the three it was given from which something can be read or that lead to files."""

import fcntl
import os
import stat

extra = []
for descriptor in range(3, 4096):
    try:
        mode = os.fstat(descriptor).st_mode
        access = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE
    except OSError:
        continue
    # The end of a pipe into which alone it can write carries its own report, and nothing to it.
    if not (stat.S_ISFIFO(mode) and access == os.O_WRONLY):
        extra.append(descriptor)
print("contained" if not extra else f"BREACH descriptors {extra[:10]}")
