# /// redteam
# category = "compiler"
# allowed = ["timeout", "memory_limit", "runtime_error"]
# limits = { wall_s = 2.0, memory_mb = 256 }
# ///
"""Constants whose folding or evaluation needs more memory than there is."""

x = ((2**64) ** 64) ** 64
y = ("a" * 4000) * 4000 * 4000
z = (0,) * 255 * 255 * 255 * 255
