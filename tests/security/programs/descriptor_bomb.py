# /// redteam
# category = "descriptor"
# limits = { wall_s = 4.0 }
# ///
"""Opens files until it is refused."""

import os

number = 0
try:
    while number < 100_000:
        os.open("/dev/null", os.O_RDONLY)
        number += 1
except OSError:
    pass
print("contained" if number < 70_000 else "BREACH 70,000 descriptors")
