"""When a child ends: known by its pidfd or, where the kernel has none (gVisor), by SIGCHLD."""

import contextlib
import os
import select
import signal
import time
from types import FrameType

_ENDED = os.WEXITED | os.WNOHANG | os.WNOWAIT
_wakeup_fd = -1  # the end to read of the pipe that SIGCHLD writes to, where there are no pidfds


def prepare() -> None:
    """Find out, once, whether this kernel has pidfds."""
    global _wakeup_fd
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        _wakeup_fd, write_fd = os.pipe()
        for fd in (_wakeup_fd, write_fd):
            os.set_blocking(fd, False)
        signal.signal(signal.SIGCHLD, _ignore)
        signal.set_wakeup_fd(write_fd, warn_on_full_buffer=False)


def forget() -> None:
    """Undo ``prepare`` in a child."""
    if _wakeup_fd >= 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """A handler of our own: without one the pipe is not written to."""


class Exit:
    """The end of one child. ``fd`` becomes readable at it, or at that of another child."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._is_shared = _wakeup_fd >= 0
        self.fd = _wakeup_fd if self._is_shared else os.pidfd_open(pid)

    def has_come(self) -> bool:
        """Whether the child has ended, once ``fd`` was readable."""
        if not self._is_shared:
            return True
        with contextlib.suppress(BlockingIOError):
            os.read(self.fd, 4096)
        return os.waitid(os.P_PID, self._pid, _ENDED) is not None

    def wait(self, timeout_s: float) -> bool:
        """Wait for it; gives whether it came in time."""
        deadline = time.monotonic() + timeout_s
        if self._is_shared and self.has_come():
            return True
        poller = select.poll()
        poller.register(self.fd, select.POLLIN)
        while (left := deadline - time.monotonic()) > 0:
            if poller.poll(left * 1000) and self.has_come():
                return True
        return False

    def close(self) -> None:
        """Close what is its own."""
        if not self._is_shared:
            os.close(self.fd)
