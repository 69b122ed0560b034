# /// redteam
# category = "filesystem"
# limits = { wall_s = 5.0 }
# ///
"""Tries to write to everything Python could import, the runner's own files among it."""

import os
import sys

written = []
folders = {os.path.dirname(os.__file__), *filter(None, sys.path), "/runner", "/app", "/opt", "/srv", "/usr/local/bin", "/usr/local/lib", "/usr/bin"}
files = {module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)}
for path in sorted(files):
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
        written.append(path)
    except OSError:
        pass
for folder in sorted(folders):
    if os.path.isdir(folder) and os.path.realpath(folder) != os.path.realpath("."):
        try:
            os.close(os.open(os.path.join(folder, "sitecustomize.py"), os.O_CREAT | os.O_WRONLY))
            written.append(folder)
        except OSError:
            pass
written = [path for path in written if not os.path.realpath(path).startswith(("/tmp", os.path.realpath(".")))]
print("contained" if not written else f"BREACH wrote {written[:5]}")
