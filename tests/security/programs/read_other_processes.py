# /// redteam
# category = "proc"
# limits = { wall_s = 4.0 }
# ///
"""Reads memory, environment, mappings and descriptors of every process but itself."""

import os

found = []
for pid in [*range(1, 200), os.getppid()]:
    if pid == os.getpid():
        continue
    for name in ("mem", "environ", "maps", "fd", "root", "cwd", "stack", "auxv"):
        path = f"/proc/{pid}/{name}"
        try:
            if name in ("fd",):
                os.listdir(path)
            elif name in ("root", "cwd"):
                os.listdir(path)
            else:
                with open(path, "rb") as file:
                    file.seek(0)
                    if name != "mem" and not file.read(1):
                        continue
            found.append(path)
        except OSError:
            pass
print("contained" if not found else f"BREACH reads {found[:5]}")
