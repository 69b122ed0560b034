"""Writes the system call filters of sandbox containers.

The filter admits what Docker's built-in one admits to a container without capabilities, with these
differences; ``tests/e2e/test_engine.py`` tries both on the engine, call by call, and compares.

* Beyond Docker's: clone and unshare with CLONE_NEWUSER, NEWNS, NEWPID and NEWIPC; setns; mount;
  umount2; pivot_root. With these the runner parts one submission from the next.
* Not, though Docker's has them: ptrace; io_uring; modify_ldt; sockets outside AF_UNIX, AF_INET and
  AF_INET6; 32-bit and x32 calls.

``docker/seccomp.json`` is for containers without a network. The containers of a Kubernetes pod
share one, so ``docker/deploy/seccomp-pod.json`` admits no socket but AF_UNIX. It names no
architecture, which container runtimes spell otherwise than Docker, and so holds for the native one.

It is the outer of two: the runner installs a narrower one in each program, without what is beyond.

Usage: python docker/make_seccomp.py [--check]
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent

ALLOWED: Final[dict[str, str]] = {
    "reading, writing and polling": """
        read write pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 lseek close
        close_range dup dup2 dup3 pipe pipe2 poll ppoll select pselect6 epoll_create
        epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 epoll_ctl_old epoll_wait_old
        eventfd eventfd2 signalfd signalfd4 timerfd_create timerfd_settime timerfd_gettime fcntl
        ioctl sendfile splice tee vmsplice copy_file_range readahead fadvise64 io_setup
        io_submit io_getevents io_pgetevents io_cancel io_destroy
    """,
    "files and folders": """
        open openat openat2 creat access faccessat faccessat2 stat lstat fstat newfstatat statx
        statfs fstatfs truncate ftruncate fallocate flock fsync fdatasync sync syncfs
        sync_file_range umask mkdir mkdirat rmdir rename renameat renameat2 link linkat unlink
        unlinkat symlink symlinkat readlink readlinkat mknod mknodat chmod fchmod fchmodat
        fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat getcwd chdir
        fchdir getdents getdents64 memfd_create memfd_secret cachestat setxattr lsetxattr
        fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr
        lremovexattr fremovexattr inotify_init inotify_init1 inotify_add_watch inotify_rm_watch
        fanotify_mark landlock_create_ruleset landlock_add_rule landlock_restrict_self
    """,
    "memory": """
        brk mmap munmap mprotect mremap madvise mincore msync mlock mlock2 mlockall munlock
        munlockall remap_file_pages membarrier pkey_alloc pkey_free pkey_mprotect
        map_shadow_stack shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd
        msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
    """,
    "processes and threads": """
        fork vfork execve execveat exit exit_group wait4 waitid restart_syscall set_tid_address
        futex futex_waitv futex_wait futex_wake futex_requeue set_robust_list get_robust_list
        rseq arch_prctl set_thread_area get_thread_area prctl seccomp getpid getppid gettid
        getpgid getpgrp setpgid getsid setsid getuid geteuid getgid getegid getresuid getresgid
        getgroups setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid
        setgroups capget capset getpriority setpriority ioprio_get ioprio_set getrlimit
        setrlimit prlimit64 getrusage times sysinfo uname getcpu sched_yield sched_getaffinity
        sched_setaffinity sched_getparam sched_setparam sched_getscheduler sched_setscheduler
        sched_getattr sched_setattr sched_get_priority_max sched_get_priority_min
        sched_rr_get_interval process_mrelease
    """,
    "signals, clocks and chance": """
        kill tkill tgkill pause alarm rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait
        rt_sigqueueinfo rt_tgsigqueueinfo rt_sigsuspend rt_sigreturn sigaltstack pidfd_open
        pidfd_send_signal time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep
        getitimer setitimer timer_create timer_settime timer_gettime timer_getoverrun
        timer_delete adjtimex clock_adjtime getrandom
    """,
    "sockets": """
        socketpair bind listen accept accept4 connect shutdown getsockname getpeername
        getsockopt setsockopt sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg
    """,
}

CLONE_NEWTIME: Final = 0x00000080
CLONE_NEWCGROUP: Final = 0x02000000
CLONE_NEWUTS: Final = 0x04000000
CLONE_NEWNET: Final = 0x40000000
OTHER_NAMESPACES: Final = CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWNET

EPERM: Final = 1
ENOSYS: Final = 38
AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
# Queries, and what an ordinary program starts with; none switches address randomisation off.
PERSONALITIES: Final = (0x0, 0x0008, 0x20000, 0x20008, 0xFFFFFFFF)

Rule = dict[str, Any]


def _allow(names: list[str], *, note: str = "", args: list[Rule] | None = None) -> Rule:
    rule: Rule = {"names": names, "action": "SCMP_ACT_ALLOW"}
    if note:
        rule["comment"] = note
    if args:
        rule["args"] = args
    return rule


def _equal(index: int, value: int) -> Rule:
    return {"index": index, "value": value, "op": "SCMP_CMP_EQ"}


def _none_of(index: int, mask: int) -> Rule:
    """Holds if the argument has no bit of ``mask`` set."""
    return {"index": index, "value": mask, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}


def build_profile(families: Sequence[int] = (AF_UNIX, AF_INET, AF_INET6)) -> Rule:
    """The filter as Docker reads it, with sockets of these families."""
    rules = [_allow(sorted(names.split()), note=note) for note, names in ALLOWED.items()]
    rules += [
        _allow(["socket"], note="no netlink, packet or vsock", args=[_equal(0, family)])
        for family in families
    ]
    rules += [_allow(["personality"], args=[_equal(0, value)]) for value in PERSONALITIES]
    rules += [
        _allow(["setns", "mount", "umount2", "pivot_root"], note="beyond Docker's default"),
        _allow(
            ["clone"],
            note="beyond Docker's default: user, pid, mount and ipc namespaces",
            args=[_none_of(0, OTHER_NAMESPACES)],
        ),
        _allow(
            ["unshare"],
            note="beyond Docker's default: user, pid, mount and ipc namespaces",
            args=[_none_of(0, OTHER_NAMESPACES | CLONE_NEWTIME)],
        ),
        {
            "names": ["clone3"],
            "action": "SCMP_ACT_ERRNO",
            "errnoRet": ENOSYS,
            "comment": "its flags lie out of a filter's sight; C libraries fall back to clone",
        },
    ]
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": EPERM,
        "archMap": [
            {"architecture": native, "subArchitectures": []}
            for native in ("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64")
        ],
        "syscalls": rules,
    }


def build_pod_profile() -> Rule:
    """The filter as Kubernetes' container runtimes read it, without a network."""
    profile = build_profile([AF_UNIX])
    del profile["archMap"]
    return profile


PROFILES: Final[dict[Path, Callable[[], Rule]]] = {
    FOLDER / "seccomp.json": build_profile,
    FOLDER / "deploy" / "seccomp-pod.json": build_pod_profile,
}


def main() -> int:
    """Writes the profiles, or with ``--check`` says whether the files are what would be written."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it is stale")
    check: bool = parser.parse_args().check
    for path, build in PROFILES.items():
        text = json.dumps(build(), indent=2) + "\n"
        if not check:
            path.write_text(text, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != text:
            print(f"{path} is stale: run python docker/make_seccomp.py", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
