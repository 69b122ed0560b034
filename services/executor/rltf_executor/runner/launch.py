"""Processes for programs.

Forked ahead of need, ended as one family. The runner's side of a launch.
"""

import contextlib
import fcntl
import json
import os
import select
import signal
import struct
import time
from collections.abc import Callable

from . import confine, exits, linux
from .exits import Exit

_FIRST_UID, _UIDS = 20_000, 20_000
_FAMILY_EXIT_S = 5.0


class StuckError(Exception):
    """A killed process did not go away; the container has to be replaced."""


class Process:
    """A confined child that waits for its job, and everything it will ever start."""

    def __init__(
        self, host: confine.Host, pid: int, init_pid: int, uid: int, ends: dict[str, int]
    ) -> None:
        self.pid = pid
        self.result = ends["result"]
        self.stdout = ends["stdout"]
        self.stderr = ends["stderr"]
        self.trace = ends["trace"]
        self._go = ends["go"]
        self._host = host
        self._init_pid = init_pid
        self._uid = uid
        self.exit = Exit(pid)
        self._usage: tuple[int, float, int] | None = None

    def go(self, job: dict[str, object]) -> None:
        """Tell the child what to run."""
        message = json.dumps(job, separators=(",", ":")).encode()
        view = memoryview(struct.pack(">I", len(message)) + message)
        with contextlib.suppress(BrokenPipeError):  # it died already; the wait will tell
            while view:
                view = view[os.write(self._go, view) :]

    def step(self) -> None:
        """Let the child start its next test; till then all its output belongs to the last one."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._go, b"+")

    def is_heard(self, timeout_s: float) -> bool:
        """Whether the child says anything to the runner in time, and before it ends."""
        poller = select.poll()
        for fd in (self.result, self.exit.fd):
            poller.register(fd, select.POLLIN)
        return any(fd == self.result for fd, _ in poller.poll(timeout_s * 1000))

    def complaint(self) -> str:
        """What the child wrote to its stderr."""
        try:
            return os.read(self.stderr, 500).decode("utf-8", "replace").strip()
        except BlockingIOError:
            return ""

    def ask_for_stack(self) -> None:
        """Have the interpreter write where it is to ``trace``."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, confine.TRACE_SIGNAL)

    def end(self) -> tuple[int, float, int]:
        """Kill the whole family and wait until none is left.

        Returns:
            Wait status of the main process, its CPU seconds (with children it waited for), and its
            peak memory in KiB.

        Raises:
            StuckError: Something survived SIGKILL for five seconds.
        """
        if self._usage is None:
            self._kill()
            _, status, usage = os.wait4(self.pid, 0)
            self._usage = (status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
            if self._init_pid:
                _wait_for(self._init_pid)
            self._sweep()
        return self._usage

    def close(self) -> None:
        """Close the runner's ends."""
        for fd in (self.result, self.stdout, self.stderr, self.trace, self._go):
            os.close(fd)
        self.exit.close()

    def _kill(self) -> None:
        if self._init_pid:
            os.kill(self._init_pid, signal.SIGKILL)
        elif self._uid:
            # All but pid 1, which the runner is at this level. Sent by the runner itself: a helper
            # with the program's uid could be killed or stopped by the program.
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if not self.exit.wait(_FAMILY_EXIT_S):
            raise StuckError

    def _sweep(self) -> None:
        """Without a namespace.

        Reap what was orphaned to us, and remove the files this user left.
        """
        if self._init_pid:
            return
        if self._uid:
            _reap_all()
            _as_user(self._uid, _remove_files)
        else:
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            _remove_files()


def _reap_all() -> None:
    """Wait until no process is left: as pid 1 the runner is the parent of every orphan."""
    deadline = time.monotonic() + _FAMILY_EXIT_S
    with contextlib.suppress(ChildProcessError):
        while True:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                if time.monotonic() > deadline:
                    raise StuckError
                time.sleep(0.001)


def _wait_for(pid: int) -> None:
    end = Exit(pid)
    try:
        if not end.wait(_FAMILY_EXIT_S):
            raise StuckError
        os.waitpid(pid, 0)
    finally:
        end.close()


def _as_user(uid: int, action: Callable[[], None]) -> None:
    """Run ``action`` in a child with that uid, and wait for it."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            action()
        finally:
            os._exit(0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _writable_folders() -> list[str]:
    return [path for path in ("/tmp", "/dev/shm", "/dev/mqueue") if os.path.isdir(path)]


def _remove_files() -> None:
    for folder in _writable_folders():
        _empty(folder)


def _empty(folder: str) -> None:
    """Remove all in a folder, however deep and whatever its modes; what will not go stays."""
    found = [folder]
    for path in found:  # grows as folders are found
        with contextlib.suppress(OSError):
            if path is not folder:
                os.chmod(path, 0o700)
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        found.append(entry.path)
                    else:
                        with contextlib.suppress(OSError):
                            os.unlink(entry.path)
    for path in reversed(found[1:]):
        with contextlib.suppress(OSError):
            os.rmdir(path)


class Launcher:
    """Makes processes at the isolation level of this host."""

    def __init__(self, host: confine.Host, main: Callable[[confine.Host], None]) -> None:
        self._host = host
        self._main = main
        exits.prepare()
        self._pause = linux.PauseProcess()
        self._own_pid_namespace = (
            os.open("/proc/self/ns/pid", os.O_RDONLY) if host.level == "namespaces" else -1
        )
        self._next_uid = 0

    def launch(self, payload: int) -> Process:
        """Fork a child that confines itself and waits for its job.

        It reads its input from the memfd ``payload``.
        """
        near, far = {}, {}
        for name in ("result", "stdout", "stderr", "trace"):
            near[name], far[name] = os.pipe()
            fcntl.fcntl(near[name], fcntl.F_SETFL, os.O_NONBLOCK)
        far["go"], near["go"] = os.pipe()
        init_pid = uid = 0
        if self._host.level == "namespaces":
            init_pid, pid = self._fork_into_namespaces()
        else:
            uid = self._take_uid() if self._host.level == "uid" else 0
            pid = os.fork()
        if pid == 0:
            self._become_child(uid, far, payload)
        for fd in far.values():
            os.close(fd)
        return Process(self._host, pid, init_pid, uid, near)

    def is_littered(self) -> bool:
        """Whether files are left that no process could remove, where submissions share folders."""
        shares = self._host.level == "uid"
        return shares and any(os.listdir(folder) for folder in _writable_folders())

    def _fork_into_namespaces(self) -> tuple[int, int]:
        """Fork an init that only waits, and a child beside it that will run the program.

        The child is not the init: as pid 1 it would survive its own SIGKILL and could be taken for
        a clean exit.
        """
        linux.unshare(linux.CLONE_NEWPID)
        init_pid = 0
        try:
            init_pid = self._pause.start()
            pid = linux.fork_into(linux.CLONE_NEWUSER | linux.CLONE_NEWNS | linux.CLONE_NEWIPC)
        except OSError:
            linux.setns(self._own_pid_namespace, linux.CLONE_NEWPID)
            if init_pid:
                os.kill(init_pid, signal.SIGKILL)
                os.waitpid(init_pid, 0)
            raise
        if pid:
            linux.setns(self._own_pid_namespace, linux.CLONE_NEWPID)
        return init_pid, pid

    def _take_uid(self) -> int:
        self._next_uid = (self._next_uid + 1) % _UIDS
        return _FIRST_UID + self._next_uid

    def _become_child(self, uid: int, ends: dict[str, int], payload: int) -> None:
        """Confine, wait for the job, run it. Never returns."""
        try:
            os.setsid()
            exits.forget()
            if self._host.level == "namespaces":
                confine.enter_namespaces(self._host)
            elif uid:
                confine.become_uid(uid)
            confine.take_descriptors(ends, payload)
            if self._host.level != "namespaces":
                os.makedirs(confine.WORK, mode=0o700, exist_ok=True)
            self._main(self._host)
        except BaseException as error:  # a child must never come back as a second runner
            os.write(2, f"runner: {type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(125)
