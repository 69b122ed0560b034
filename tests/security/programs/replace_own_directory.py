# /// redteam
# category = "link"
# allowed = ["passed", "runtime_error"]
# limits = { wall_s = 3.0 }
# ///
"""Removes its working directory and puts a link to the root directory in its place."""

import os

here = os.getcwd()
try:
    os.chdir("/")
    os.rename(here, here + ".away")
    os.symlink("/", here)
except OSError:
    pass
print("contained")
