"""The server's start: find out what this host allows, settle in, and hand over to ``serve``."""

import gc
import importlib
import json
import os
import random
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
_USER = 1000  # of the image, whatever number its containers run under
_COVERED = ("/dev/mqueue", "/sys")  # which count what earlier programs did, too

# Imported once here so that no program waits for them; every further one makes every fork dearer.
PRELOADED = (
    "array bisect cmath collections contextlib copy datetime decimal enum fractions functools "
    "heapq io itertools json keyword linecache math numbers operator os queue random re signal "
    "string struct sys textwrap threading time traceback types typing warnings"
)


_facts: dict[str, Any] = {}


def enter_root(text: str) -> None:
    """Move into the local backend's own root; see ``localroot``.

    Raises:
        OSError: This host refuses the namespaces that it takes.
    """
    _facts.update(_learn_facts())  # the files are not where they were, afterwards
    localroot.enter(json.loads(text))


def _learn_facts() -> dict[str, Any]:
    """Give what the service is told of this runner, asked in a child: the answers are small."""
    folder = os.path.dirname(os.path.abspath(__file__))
    return {
        "runner": _ask_a_child(lambda: identity.digest(folder)),
        "packages": _ask_a_child(identity.packages),
    }


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


def serve(
    level: str, backend: str, text: str, stdin_fd: int, stdout_fd: int, *, refused: str | None
) -> None:
    """Settle in and serve until the service closes the stream.

    Args:
        level: Isolation level that is asked for.
        backend: What the sandbox was made by.
        text: Options, as JSON.
        stdin_fd: Where requests come from, unless the options name a folder to listen in.
        stdout_fd: Where answers go.
        refused: Why this host does not let us; it is all that is said then.
    """
    options = json.loads(text)
    if "listen" in options:
        stdin_fd, stdout_fd = _accept(str(options["listen"]))
    if refused is not None:
        os.write(stdout_fd, _refusal(f"{level}: {refused}"))
        return
    facts = _facts or _learn_facts()
    for name in [*PRELOADED.split(), *options.get("preload", ())]:
        importlib.import_module(name)
    in_container = backend != "local"
    fixed_limit = "listen" in options or bool(options.get("fixed_limit"))
    meters = Meters(in_container=in_container, fixed_limit=fixed_limit)
    release = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
    if level == "namespaces":
        try:
            confine.cover([*_COVERED, str(options.get("listen", ""))])
        except OSError as error:
            os.write(stdout_fd, _refusal(f"{level}: {error}"))
            os._exit(0)
    host = confine.Host(
        level=level,
        uid=os.getuid(),
        gid=os.getgid(),
        inner_id=_USER if in_container else os.getuid(),
        tmpfs_mb=int(options.get("tmpfs_mb", 64)),
        memory_cgroup=meters.oom.present,
        count_processes=release >= (5, 14),
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
            **facts,
            "python": ".".join(str(part) for part in sys.version_info[:3]),
            "level": level,
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
