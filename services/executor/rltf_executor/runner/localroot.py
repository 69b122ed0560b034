"""Without a container: a file system view with only Python of the host's in it, no network.

The view is a tmpfs that only this process and its children see. Into it come, read-only, the
system's libraries and programs, the folders of this Python, and the runner; a few device files; and
/proc, which every program gets hidden.
"""

import os
from typing import Any

from . import linux

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_ETC_FILES = ("/etc/ld.so.cache", "/etc/localtime")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_KEPT_FLAGS = (
    (2, linux.MS_NOSUID),
    (4, linux.MS_NODEV),
    (8, linux.MS_NOEXEC),
    (1024, 1024),
    (2048, 2048),
    (4096, 1 << 21),
)


def enter(options: dict[str, Any]) -> None:
    """Move into the view, and give up root, where there is any, for ``options["user"]``.

    Raises:
        OSError: This host refuses the namespaces that it takes.
    """
    namespaces = linux.CLONE_NEWNS | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
    rooted = os.getuid() == 0
    if rooted:
        linux.unshare(namespaces)
    else:
        _unshare_with_user(namespaces)
    root = str(options["root"])
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", root, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=4m,mode=0755")
    _furnish(root, options)
    linux.mount(
        "none",
        root,
        None,
        linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.MS_NOSUID | linux.MS_NODEV,
    )
    old = os.path.join(root, "old")
    linux.pivot_root(root, old)
    os.chdir("/")
    linux.umount("/old")
    if rooted:
        user = int(options["user"])
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        linux.set_dumpable(
            True
        )  # giving up root cleared it, and the id maps are still to be written


def _unshare_with_user(namespaces: int) -> None:
    uid, gid = os.getuid(), os.getgid()
    linux.unshare(linux.CLONE_NEWUSER | namespaces)
    for path, text in (
        ("/proc/self/setgroups", "deny"),
        ("/proc/self/uid_map", f"{uid} {uid} 1"),
        ("/proc/self/gid_map", f"{gid} {gid} 1"),
    ):
        with open(path, "w") as file:
            file.write(text)


def _furnish(root: str, options: dict[str, Any]) -> None:
    for folder in ("old", "proc", "tmp", "dev", "etc", "opt/rltf/runner", "sys"):
        os.makedirs(os.path.join(root, folder))
    for path in _SYSTEM:
        if os.path.islink(path):
            os.symlink(os.readlink(path), root + path)
        elif os.path.isdir(path):
            _show(path, root + path)
    for prefix in options["prefixes"]:
        if (
            not str(prefix).startswith(tuple(f"{path}/" for path in _SYSTEM))
            and prefix not in _SYSTEM
        ):
            _show(str(prefix), root + str(prefix))
    _show(str(options["runner"]), f"{root}/opt/rltf/runner")
    for path in _ETC_FILES:
        if os.path.isfile(path):
            _touch(root + path)
            _bind(os.path.realpath(path), root + path)
    with open(f"{root}/etc/passwd", "w") as file:
        file.write("nobody:x:65534:65534:nobody:/tmp:/bin/false\n")
    for name in _DEVICES:
        _touch(f"{root}/dev/{name}")
        _bind(f"/dev/{name}", f"{root}/dev/{name}")
    os.makedirs(f"{root}/dev/shm")
    for name, target in (("stdin", "0"), ("stdout", "1"), ("stderr", "2")):
        os.symlink(f"/proc/self/fd/{target}", f"{root}/dev/{name}")
    linux.mount("/proc", f"{root}/proc", None, linux.MS_BIND | linux.MS_REC)


def _touch(path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))


def _bind(source: str, target: str) -> None:
    linux.mount(source, target, None, linux.MS_BIND)


def _show(source: str, target: str) -> None:
    """Make a folder of the host visible, read-only.

    Flags the host's own mount has stay: they are locked.
    """
    os.makedirs(target, exist_ok=True)
    linux.mount(source, target, None, linux.MS_BIND | linux.MS_REC)
    present = os.statvfs(source).f_flag
    kept = 0
    for stat_flag, mount_flag in _KEPT_FLAGS:
        if present & stat_flag:
            kept |= mount_flag
    linux.mount(
        "none",
        target,
        None,
        linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.MS_NOSUID | kept,
    )
