# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Looks in the same mappings for what the program before wrote."""

import gc
import mmap
import sys

found = []
for thing in gc.get_objects():
    for value in gc.get_referents(thing):
        if type(value) is mmap.mmap:
            found.append(bytes(value[256:272]))
frame = sys._getframe()
while frame is not None:
    for value in list(frame.f_locals.values()):
        stack = getattr(getattr(value, "_pause", None), "_stack", None)
        if stack is not None:
            found.append(bytes(stack[4096:4112]))
    frame = frame.f_back
print("BREACH planted" if b"PLANTED-BY-FIRST" in found else "contained")
