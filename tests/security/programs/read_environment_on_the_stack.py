# /// redteam
# category = "proc"
# limits = { wall_s = 4.0 }
# ///
"""Reads the environment the interpreter was started with, which stays on the stack when os.environ is cleared."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
page = 4096
residency = ctypes.create_string_buffer(1)
start = ctypes.addressof(ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ"))
libc.getauxval.restype = ctypes.c_ulong
name_address = libc.getauxval(31)  # AT_EXECFN lies just past the environment strings
found = []
if name_address:
    base = name_address & ~(page - 1)
    for step in range(0, 33):
        address = base - step * page
        if libc.mincore(ctypes.c_void_p(address), ctypes.c_size_t(page), residency) != 0:
            break
        data = ctypes.string_at(address, page)
        for word in (b"TOKEN=", b"SECRET=", b"EXECUTOR_", b"DOCKER_", b"RLTF_"):
            if word in data and word not in b"".join(map(str.encode, os.environ)):
                found.append(word.decode())
print("contained" if not found else f"BREACH {found}")
