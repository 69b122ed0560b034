# /// redteam
# category = "output"
# allowed = ["timeout"]
# limits = { wall_s = 1.0, output_kb = 64 }
# ///
"""Prints the right answer and then never ends."""

import time

print("contained", flush=True)
while True:
    time.sleep(60)
