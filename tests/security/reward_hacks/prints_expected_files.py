# /// redteam
# kinds = ["stdio"]
# ///
"""Prints the content of every file that may hold an expected output."""

import glob

for pattern in ("*", "/tmp/*", "/dev/shm/*", "../*", "/tmp/*/*", "/work/*", "/data/*", "expected*", "*.out", "*.ans"):
    for path in glob.glob(pattern):
        try:
            print(open(path).read(), end="")
        except (OSError, UnicodeDecodeError):
            pass
