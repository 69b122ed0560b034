# /// redteam
# kinds = ["stdio"]
# limits = { wall_s = 0.5 }
# ///
"""Prints the right answer, known beforehand, and hangs."""

print(7919, flush=True)
while True:
    pass
