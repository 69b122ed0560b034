"""What a child does to itself before it touches the program.

Mounts, identity, limits, descriptors, seccomp.
"""

import os
import resource
import signal
from typing import NamedTuple

from . import linux

WORK = "/tmp/work"
STDIN_FILE = "/proc/self/fd/0"  # /dev/stdin leads there
RESULT_FD, TRACE_FD, GO_FD, PAYLOAD_FD = 250, 251, 252, 253
OPEN_FILES = 256  # covers the descriptors above
TRACE_SIGNAL = signal.SIGRTMAX - 2
_TERMINALS = 16
_STACK_BYTES = 64 * 1024 * 1024
_FILE_BYTES = 1024 * 1024 * 1024


class Host(NamedTuple):
    """What the runner found out once about the place it runs in."""

    level: str  # namespaces | uid | none
    uid: int
    gid: int
    inner_id: int  # what a program takes its uid and gid for
    tmpfs_mb: int
    memory_cgroup: bool  # a memory cgroup bounds all processes together
    count_processes: bool  # RLIMIT_NPROC counts inside a user namespace only (Linux 5.14)
    seccomp: linux.SeccompProgram | None


def cover(folders: list[str]) -> None:
    """Make folders empty to everyone who comes after, in the server's own mount namespace.

    The pool of pseudo-terminals is the machine's; a sandbox gets a few.

    Raises:
        OSError: This host does not let us.
    """
    for path in folders:
        _hide(path)
    flags = linux.MS_NOSUID | linux.MS_NOEXEC
    try:
        linux.mount("devpts", "/dev/pts", "devpts", flags, f"ptmxmode=0666,max={_TERMINALS}")
    except OSError:  # no terminals at all then
        _hide("/dev/pts")


def _hide(folder: str) -> None:
    if os.path.isdir(folder):
        flags = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_RDONLY
        linux.mount("tmpfs", folder, "tmpfs", flags, "size=4k,nr_inodes=2")


def enter_namespaces(host: Host) -> None:
    """Map the user, hide /proc, and give the child file systems of its own.

    Runs inside fresh namespaces.
    """
    linux.set_dumpable(True)  # a process that is not dumpable may not write its id maps
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{host.inner_id} {host.uid} 1")
    _write("/proc/self/gid_map", f"{host.inner_id} {host.gid} 1")
    _write("/proc/self/oom_score_adj", "1000")
    flags = linux.MS_NOSUID | linux.MS_NODEV
    size = f"size={host.tmpfs_mb}m,nr_inodes=16384,mode=0755"
    linux.mount("tmpfs", "/tmp", "tmpfs", flags, size)
    linux.mount("tmpfs", "/dev/shm", "tmpfs", flags, size)
    linux.mount(
        "tmpfs", "/proc", "tmpfs", flags | linux.MS_NOEXEC, "size=128m,nr_inodes=64,mode=0755"
    )
    os.makedirs("/proc/self/fd")
    os.mkdir(WORK)


def become_uid(uid: int) -> None:
    """Take an identity of the submission's own, where namespaces are refused."""
    _write("/proc/self/oom_score_adj", "1000")
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def take_descriptors(ends: dict[str, int], payload: int) -> None:
    """Keep these descriptors at their fixed numbers and close every other one."""
    fixed = {"result": RESULT_FD, "trace": TRACE_FD, "go": GO_FD}
    for name, target in fixed.items():
        os.dup2(ends[name], target, inheritable=False)
    os.dup2(payload, PAYLOAD_FD, inheritable=False)
    os.dup2(ends["stdout"], 1)
    os.dup2(ends["stderr"], 2)
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    linux.close_range(3, RESULT_FD - 1)
    linux.close_range(PAYLOAD_FD + 1, 0x7FFFFFFF)


def open_stdin(host: Host, offset: int, length: int) -> None:
    """Make the ``length`` bytes at ``offset`` of the payload the process's standard input."""
    if not length:
        if host.level == "namespaces":
            os.close(os.open(STDIN_FILE, os.O_WRONLY | os.O_CREAT, 0o600))
        return  # /dev/null is there already
    if host.level == "namespaces":
        target = os.open(STDIN_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    else:
        target = os.memfd_create("stdin")
    done = 0
    while done < length:
        done += os.sendfile(target, PAYLOAD_FD, offset + done, length - done)
    if host.level == "namespaces":
        os.close(target)
        target = os.open(STDIN_FILE, os.O_RDONLY | os.O_CLOEXEC)
    else:
        os.lseek(target, 0, os.SEEK_SET)
    os.dup2(target, 0)
    os.close(target)


def limit_resources(host: Host, limits: dict[str, float], num_tests: int) -> None:
    """Set the rlimits of a process that runs ``num_tests`` tests.

    The runner enforces time itself; CPU is a backstop.
    """
    cpu_s = int(limits["cpu_s"] * num_tests) + 2
    _limit(resource.RLIMIT_CPU, cpu_s, cpu_s + 1)
    _limit(resource.RLIMIT_CORE, 0, 0)
    _limit(resource.RLIMIT_FSIZE, _FILE_BYTES, _FILE_BYTES)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES)
    _limit(resource.RLIMIT_STACK, _STACK_BYTES, _STACK_BYTES)
    if host.level != "namespaces" or host.count_processes:
        _limit(resource.RLIMIT_NPROC, int(limits["processes"]), int(limits["processes"]))
    if not host.memory_cgroup:
        data = int(limits["memory_mb"]) * 1024 * 1024 + _held_bytes()
        _limit(resource.RLIMIT_DATA, data, data)


def _held_bytes() -> int:
    """Data bytes this process has mapped already: its limit starts from there."""
    return 64 * 1024 * 1024


def _limit(kind: int, soft: int, hard: int) -> None:
    most = resource.getrlimit(kind)[1]
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(kind, (soft, hard))


def lock_down(host: Host) -> None:
    """Give up every capability and install the filter. Nothing after this may need a privilege."""
    linux.drop_capabilities()
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    if host.seccomp is not None:
        host.seccomp.install()


def reset_signals() -> None:
    """Give every signal the disposition a fresh interpreter has."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
