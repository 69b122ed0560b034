"""Entry: find out what this host allows, settle in, and hand over to the server.

    python3 -s -B -P -c "import sys; sys.path.insert(0, '/opt/rltf'); from runner.main import main;
    main()" '{…}'

In a container this is PID 1. It stays behind as the parent of the server, which lives in a pid
namespace of its own: only there may it create namespaces for its children and come back.
"""

import json
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from . import (
    codepages,
    confine,
    heap,
    identity,
    interpreter,
    linux,
    localroot,
    program,
    seccomp,
    wire,
)
from .meters import Meters
from .serve import Server

_REHEARSALS = 30

# Imported once here so that no program waits for them; every further one makes every fork dearer.
PRELOADED = (
    "array bisect cmath collections contextlib copy datetime decimal enum fractions functools "
    "heapq io itertools json keyword linecache math numbers operator os queue random re signal "
    "string struct sys textwrap threading time traceback types typing warnings"
)


def main() -> None:
    """Run until the service closes stdin."""
    options = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(
            number, signal.SIG_DFL
        )  # a handler in here could be reached through a child's init
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    os.umask(0o022)
    stdin_fd, stdout_fd = (
        _accept(str(options["listen"])) if "listen" in options else (os.dup(0), os.dup(1))
    )
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    folder = os.path.dirname(os.path.abspath(__file__))
    options["digest"] = _ask_a_child(lambda: identity.digest(folder))
    options["packages"] = _ask_a_child(identity.packages)
    level = str(options.get("level", "namespaces"))
    backend = str(options.get("backend", "docker"))
    try:
        if backend == "local":
            localroot.enter(options)
        if level == "namespaces":
            _become_namespace_root()
    except OSError as error:
        os.write(stdout_fd, _refusal(f"{level}: {error}"))
        return
    _serve(options, level, stdin_fd, stdout_fd)


def _ask_a_child(question: Callable[[], object]) -> Any:
    """Give a child's answer: what it imports for that is in no memory that is forked later."""
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(told)
            with open(tell, "w") as file:
                json.dump(question(), file)
        finally:
            os._exit(0)
    os.close(tell)
    with open(told) as file:
        answer = json.load(file)
    os.waitpid(pid, 0)
    return answer


def _accept(folder: str) -> tuple[int, int]:
    """Wait for the service on a socket named after this host.

    Returns:
        The connection, twice.
    """
    import socket  # not in the memory that is forked where it is not needed

    path = os.path.join(folder, f"{os.uname().nodename}.sock")
    if os.path.exists(path):
        os.unlink(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        os.chmod(path, 0o666)  # noqa: S103  # the folder says who may connect
        listener.listen(1)
        connection = listener.accept()[0].detach()
    os.unlink(path)
    return connection, os.dup(connection)


def _refusal(reason: str) -> bytes:
    payload = json.dumps({"refused": reason}).encode()
    return wire.FRAME.pack(len(payload), wire.HELLO, 0) + payload


def _become_namespace_root() -> None:
    """Move into a user namespace, and fork into a pid namespace in it.

    The parent only waits for the child.
    """
    uid, gid = os.getuid(), os.getgid()
    linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWPID)
    for path, text in (
        ("/proc/self/setgroups", "deny"),
        ("/proc/self/uid_map", f"{uid} {uid} 1"),
        ("/proc/self/gid_map", f"{gid} {gid} 1"),
    ):
        with open(path, "w") as file:
            file.write(text)
    pid = os.fork()
    if pid:
        os.close(0)
        _, status = os.waitpid(pid, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)


def _serve(options: dict[str, Any], level: str, stdin_fd: int, stdout_fd: int) -> None:
    import gc
    import importlib

    for name in [*PRELOADED.split(), *options.get("preload", ())]:
        importlib.import_module(name)
    in_container = options.get("backend") != "local"
    fixed_limit = "listen" in options or bool(options.get("fixed_limit"))
    meters = Meters(in_container=in_container, fixed_limit=fixed_limit)
    release = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
    covered = ["/dev/mqueue", *([str(options["listen"])] if "listen" in options else [])]
    host = confine.Host(
        level=level,
        uid=os.getuid(),
        gid=os.getgid(),
        tmpfs_mb=int(options.get("tmpfs_mb", 64)),
        memory_cgroup=meters.oom.present,
        count_processes=release >= (5, 14),
        covered=tuple(path for path in covered if os.path.isdir(path)),
        seccomp=seccomp.build(shared_ipc=level != "namespaces"),
    )
    codepages.keep_in_memory()
    server = Server(host, meters, stdin_fd=stdin_fd, stdout_fd=stdout_fd)
    reason = server.try_out()
    if reason is not None:
        os.write(stdout_fd, _refusal(f"{level}: {reason}"))
        os._exit(0)
    linux.set_dumpable(False)
    interpreter.prepare()
    _rehearse()
    gc.disable()  # the children's collector starts anew
    heap.settle()
    server.serve(
        {
            "runner": options["digest"],
            "python": ".".join(str(part) for part in sys.version_info[:3]),
            "level": level,
            "packages": options["packages"],
            "seccomp": host.seccomp is not None,
        }
    )
    os._exit(0)


def _rehearse() -> None:
    """Warm up what every child runs, with its reports going nowhere."""
    null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    os.dup2(null, confine.RESULT_FD)
    for _ in range(_REHEARSALS):
        program.rehearse()
        random.seed()
        threading._after_fork()  # type: ignore[attr-defined]  # what Python runs in a child
    os.close(confine.RESULT_FD)
    os.close(null)
