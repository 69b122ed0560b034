# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Installs a module into the user's own site directory, where later interpreters import from."""

import os
import site

for folder in (site.getusersitepackages(), os.path.join(site.getuserbase(), "bin")):
    try:
        os.makedirs(folder, exist_ok=True)
        for name in ("sitecustomize.py", "left.pth", "left_behind.py"):
            with open(os.path.join(folder, name), "w") as file:
                file.write("import sys; sys.left_behind = True\n")
    except OSError:
        pass
print("contained")
