# /// redteam
# category = "disk"
# allowed = ["passed", "timeout"]
# limits = { wall_s = 5.0 }
# ///
"""Leaves directories without permissions and names that are no text, to break a clean-up."""

import os

for folder in (b".", b"/tmp", b"/dev/shm"):
    for name in (b"locked\n\xff\xfe", b"-rf", b"a" * 255, b"$(reboot)"):
        try:
            path = os.path.join(folder, name)
            os.mkdir(path)
            os.close(os.open(os.path.join(path, b"inner"), os.O_CREAT))
            os.chmod(path, 0)
        except OSError:
            pass
print("contained")
