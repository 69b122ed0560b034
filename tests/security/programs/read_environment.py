# /// redteam
# category = "proc"
# limits = { wall_s = 3.0 }
# ///
"""Looks for secrets in its environment, in C's copy too."""

import ctypes
import os

table = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
names, i = set(os.environ), 0
while table and table[i]:
    names.add(table[i].split(b"=")[0].decode("ascii", "replace"))
    i += 1
secrets = [name for name in names if any(word in name.upper() for word in ("TOKEN", "SECRET", "KEY", "PASS", "EXECUTOR", "DOCKER", "RLTF"))]
print("contained" if not secrets else f"BREACH {secrets}")
