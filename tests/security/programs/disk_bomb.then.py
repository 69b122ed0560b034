# /// redteam
# category = "disk"
# ///
"""The program before filled the disk: ten megabytes must fit again, and nothing of it may be left."""

import os

with open("mine", "wb") as file:
    file.write(b"y" * (10 << 20))
left = [name for folder in (".", "/tmp", "/dev/shm") for name in os.listdir(folder) if name == "fill"]
print("contained" if not left else "BREACH a file of the program before is left")
