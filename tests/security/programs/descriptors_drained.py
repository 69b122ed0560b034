# /// redteam
# category = "forgery"
# allowed = ["passed", "security_violation", "runtime_error", "timeout"]
# limits = { wall_s = 3.0 }
# ///
"""Reads whatever any descriptor has to give, to find tests and answers or to steal the runner's next message."""

import os

taken = b""
for descriptor in range(3, 1100):
    try:
        os.set_blocking(descriptor, False)
        os.lseek(descriptor, 0, os.SEEK_SET)
    except OSError:
        pass
    try:
        taken += os.read(descriptor, 1 << 20)
    except OSError:
        pass
print("BREACH the expected output can be read" if b"contain" + b"ed\\n\"" in taken else "contained")
