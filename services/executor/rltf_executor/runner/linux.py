"""System calls that Python's ``os`` does not offer, through libc.

One function a call; every one raises ``OSError``.
"""

import ctypes
import mmap
import os
import signal
import struct
from _thread import get_native_id

CLONE_VM = 0x00000100
CLONE_PARENT = 0x00008000
CLONE_NEWNS = 0x00020000
CLONE_CHILD_CLEARTID = 0x00200000
CLONE_CHILD_SETTID = 0x01000000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
CLONE_NEWTIME = 0x00000080

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2

_MADV_HUGEPAGE = 14
_MREMAP_MAYMOVE, _MREMAP_FIXED = 1, 2
_MAP_FAILED = 2**64 - 1

MACHINE = os.uname().machine
_SYS_CLONE = {"x86_64": 56, "aarch64": 220}.get(MACHINE)
_SYS_CAPSET = {"x86_64": 126, "aarch64": 91}.get(MACHINE)
_SYS_CLOSE_RANGE = 436
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}.get(MACHINE)

# PyDLL keeps the GIL: a fork between two Python instructions must not leave it with a thread that
# is gone.
_libc = ctypes.PyDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_libc.mount.argtypes = [
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.c_ulong,
    ctypes.c_char_p,
]
_libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
_libc.clone.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
_libc.pthread_self.restype = ctypes.c_void_p
_libc.mmap.restype = _libc.mremap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_long,
]
_libc.mremap.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_void_p,
]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
_libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_pause_address = ctypes.cast(_libc.pause, ctypes.c_void_p).value


def _check(result: int, call: str) -> int:
    if result == -1:
        error = ctypes.get_errno()
        raise OSError(error, f"{call}: {os.strerror(error)}")
    return result


def _check_address(address: int | None, call: str) -> int:
    if address is None or address == _MAP_FAILED:
        error = ctypes.get_errno()
        raise OSError(error, f"{call}: {os.strerror(error)}")
    return address


def unshare(flags: int) -> None:
    """Move the caller into new namespaces (``CLONE_NEW*``)."""
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def setns(fd: int, kind: int) -> None:
    """Join the namespace that ``fd`` refers to."""
    _check(_libc.setns(ctypes.c_int(fd), ctypes.c_int(kind)), "setns")


def mount(source: str, target: str, fstype: str | None, flags: int, options: str = "") -> None:
    """Mount a file system."""
    result = _libc.mount(
        source.encode(),
        target.encode(),
        fstype.encode() if fstype else None,
        flags,
        options.encode() or None,
    )
    _check(result, f"mount {target}")


def umount(target: str) -> None:
    """Detach a mount, lazily."""
    _check(_libc.umount2(target.encode(), ctypes.c_int(MNT_DETACH)), f"umount {target}")


def pivot_root(new_root: str, put_old: str) -> None:
    """Make ``new_root`` the root of this mount namespace."""
    if _SYS_PIVOT_ROOT is None:
        raise OSError(38, "pivot_root: unknown machine")
    _check(
        _libc.syscall(ctypes.c_long(_SYS_PIVOT_ROOT), new_root.encode(), put_old.encode()),
        "pivot_root",
    )


def prctl(option: int, value: int = 0, extra: int = 0) -> None:
    """Change an attribute of the calling process."""
    _check(_libc.prctl(option, value, extra, 0, 0), f"prctl {option}")


def set_dumpable(dumpable: bool) -> None:
    """Say whether others of the same user may read this process's memory and descriptors."""
    prctl(PR_SET_DUMPABLE, int(dumpable))


def drop_capabilities() -> None:
    """Empty the caller's permitted, effective and inheritable capabilities."""
    if _SYS_CAPSET is None:
        raise OSError(38, "capset: unknown machine")
    header = struct.pack("Ii", 0x20080522, 0)
    _check(_libc.syscall(ctypes.c_long(_SYS_CAPSET), header, bytes(24)), "capset")


def close_range(first: int, last: int) -> None:
    """Close the descriptors ``first..last``."""
    result = _libc.syscall(
        ctypes.c_long(_SYS_CLOSE_RANGE), ctypes.c_uint(first), ctypes.c_uint(last), ctypes.c_uint(0)
    )
    if result == -1:  # gVisor and kernels before 5.9
        os.closerange(first, min(last, 65536) + 1)


def map_memory(length: int) -> int:
    """Map fresh memory that can be read and written; gives its address."""
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    address = _libc.mmap(None, length, mmap.PROT_READ | mmap.PROT_WRITE, flags, -1, 0)
    return _check_address(address, "mmap")


def unmap_memory(address: int, length: int) -> None:
    """Unmap pages, none if ``length`` is 0."""
    if length:
        _check(_libc.munmap(address, length), "munmap")


def want_huge_pages(address: int, length: int) -> None:
    """Ask for huge pages, best effort."""
    _libc.madvise(address, length, _MADV_HUGEPAGE)


def protect(address: int, length: int, *, executable: bool) -> None:
    """Make pages read-only."""
    rights = mmap.PROT_READ | (mmap.PROT_EXEC if executable else 0)
    _check(_libc.mprotect(address, length, rights), "mprotect")


def move_memory(address: int, length: int, target: int) -> None:
    """Move pages to ``target``, in place of what is mapped there."""
    moved = _libc.mremap(address, length, length, _MREMAP_MAYMOVE | _MREMAP_FIXED, target)
    _check_address(moved, "mremap")


class SeccompProgram:
    """A classic BPF program, laid out once and installed by each child with one call."""

    def __init__(self, instructions: list[tuple[int, int, int, int]]) -> None:
        code = b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
        self._code = ctypes.create_string_buffer(code, len(code))
        self._program = ctypes.create_string_buffer(
            struct.pack("HxxxxxxQ", len(instructions), ctypes.addressof(self._code))
        )

    def install(self) -> None:
        """Bind the calling process, and all it starts, to the filter; there is no way back."""
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(self._program))


def _find_tid_address() -> int:
    """Address of the thread id that glibc caches in its thread descriptor, or 0.

    A raw clone leaves the parent's id there; the kernel writes the right one if told where.
    """
    base = _libc.pthread_self()
    tid = get_native_id()
    words = (ctypes.c_int * 512).from_address(base)
    hits = [position for position in range(512) if words[position] == tid]
    return base + 4 * hits[0] if hits else 0


_tid_address = 0


def fork_into(flags: int) -> int:
    """Fork like ``os.fork``, the child in the new namespaces that ``flags`` names.

    Returns:
        The child's pid in the parent, 0 in the child.
    """
    global _tid_address
    if _SYS_CLONE is None:
        raise OSError(38, f"clone: unknown machine {MACHINE}")
    if not _tid_address:
        _tid_address = _find_tid_address()
    flags |= signal.SIGCHLD
    if _tid_address:
        flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID
    tid = ctypes.c_void_p(_tid_address)
    none = ctypes.c_void_p(0)
    last_two = (tid, none) if MACHINE == "x86_64" else (none, tid)
    ctypes.pythonapi.PyOS_BeforeFork()
    pid = int(
        _libc.syscall(ctypes.c_long(_SYS_CLONE), ctypes.c_ulong(flags), none, none, *last_two)
    )
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    error = ctypes.get_errno()
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(error, f"clone: {os.strerror(error)}")
    return pid


class PauseProcess:
    """A process that only waits to be killed: the init of a pid namespace.

    It shares the caller's memory, so it costs no page tables, and runs libc's ``pause`` and nothing
    else. As an init it ignores every signal from inside its namespace that has no handler, so the
    caller must have none installed. Its SIGCHLD is ignored, which makes the kernel reap the orphans
    it inherits.
    """

    def __init__(self) -> None:
        # Private: programs inherit a copy, and must not write to one another through it.
        self._stack = mmap.mmap(-1, 65536, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._top = ctypes.addressof(ctypes.c_char.from_buffer(self._stack)) + 65536 - 64

    def start(self) -> int:
        """Start it as the first process of the pid namespace set for the caller's children.

        Gives its pid.
        """
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        try:
            return _check(
                _libc.clone(_pause_address, self._top, CLONE_VM | signal.SIGCHLD, None), "clone"
            )
        finally:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
