# /// redteam
# category = "ptrace"
# allowed = ["passed", "security_violation", "timeout", "runtime_error"]
# limits = { wall_s = 4.0 }
# ///
"""Traces a child of its own and rewrites its system calls past a filter."""

import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
MACHINE = platform.machine()


def call(x86_64, aarch64, *arguments):
    """Gives the result of a raw system call; -1 if it failed."""
    number = {"x86_64": x86_64, "aarch64": aarch64}[MACHINE]
    words = [a if not isinstance(a, int) else ctypes.c_long(a) for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)


import os
import signal

child = os.fork()
if child == 0:
    libc.ptrace(0, 0, ctypes.c_void_p(0), ctypes.c_void_p(0))
    os.kill(os.getpid(), signal.SIGTRAP)
    os._exit(0)
_, status = os.waitpid(child, os.WUNTRACED)
traced = libc.ptrace(0x4200, child, ctypes.c_void_p(0), ctypes.c_void_p(1)) == 0
print("BREACH traced a child" if traced else "contained")
os.kill(child, signal.SIGKILL)
