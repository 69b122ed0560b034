# /// redteam
# category = "report"
# allowed = ["passed", "output_limit", "timeout"]
# limits = { wall_s = 3.0, output_kb = 256 }
# ///
"""Emits warnings without end through every channel, and then answers."""

import warnings

warnings.simplefilter("always")
for i in range(20_000):
    warnings.warn(f"{i}" * 10, stacklevel=1)
print("contained")
