# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Writes into every mapping that it shares with whoever started it."""

import ctypes
import gc
import mmap

for found in gc.get_objects():
    for value in gc.get_referents(found):
        if type(value) is mmap.mmap:
            try:
                value[256:272] = b"PLANTED-BY-FIRST"
            except (TypeError, ValueError):
                pass
try:
    lines = open("/proc/self/maps").read().splitlines()
except OSError:
    lines = []
for line in lines:
    span, rights, *_ = line.split()
    if rights == "rw-s":
        start = int(span.partition("-")[0], 16)
        ctypes.memmove(start + 256, b"PLANTED-BY-FIRST", 16)
import sys

frame = sys._getframe()
while frame is not None:
    for value in list(frame.f_locals.values()):
        stack = getattr(getattr(value, "_pause", None), "_stack", None)
        if stack is not None:
            stack[4096:4112] = b"PLANTED-BY-FIRST"
    frame = frame.f_back
print("contained")
