# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Leaves files in every place it can write to, and in its working directory."""

import os

for folder in (".", "/tmp", "/dev/shm", "/dev/mqueue", "/var/tmp", "/run", "/run/lock", os.path.expanduser("~")):
    for name in ("left-behind", ".pythonrc", "usercustomize.py", "answer.txt", "json.py", "random.py"):
        try:
            with open(os.path.join(folder, name), "w") as file:
                file.write("print('left behind')")
        except OSError:
            pass
print("contained")
