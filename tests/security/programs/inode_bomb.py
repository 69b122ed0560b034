# /// redteam
# category = "disk"
# allowed = ["passed", "memory_limit", "timeout", "runtime_error"]
# limits = { wall_s = 5.0 }
# ///
"""Makes empty files until there is no inode left."""

import os

number = 0
try:
    while number < 200_000:
        os.close(os.open(f"f{number}", os.O_CREAT | os.O_WRONLY))
        number += 1
except OSError:
    pass
print("contained" if number < 200_000 else "BREACH 200,000 files")
