"""What can be read inside a container of what is used: CPU time, memory, kills for want of it.

Outside a container there is no cgroup of our own, and the meters say that they are absent.
"""

import os
import re
import time


def _open_first(paths: tuple[str, ...]) -> int:
    for path in paths:
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
    return -1


class OomCounter:
    """Kills by the kernel for want of memory."""

    def __init__(self, *, present: bool) -> None:
        paths = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")
        self._fd = _open_first(paths) if present else -1

    @property
    def present(self) -> bool:
        """Whether the counter can be read here."""
        return self._fd >= 0

    def read(self) -> int:
        """Kills so far."""
        if self._fd < 0:
            return 0
        found = re.search(rb"^oom_kill (\d+)", os.pread(self._fd, 1024, 0), re.MULTILINE)
        return int(found[1]) if found else 0


class CpuMeter:
    """CPU time of a program: of everything in the cgroup, or else of its main process alone.

    The cgroup holds the runner too, whose share of a program's time is a millisecond or two.
    """

    def __init__(self, *, present: bool) -> None:
        paths = ("/sys/fs/cgroup/cpu.stat", "/sys/fs/cgroup/cpuacct/cpuacct.usage")
        self._fd = _open_first(paths) if present else -1

    def read_s(self, pid: int) -> float:
        """Seconds so far; ``pid`` is the main process."""
        if self._fd < 0:
            try:
                return time.clock_gettime((~pid << 3) | 2)
            except OSError:  # it has ended
                return 0.0
        text = os.pread(self._fd, 1024, 0)
        found = re.search(rb"^usage_usec (\d+)", text, re.MULTILINE)
        return int(found[1]) / 1e6 if found else int(text) / 1e9


class MemoryMeter:
    """Memory of everything in the cgroup, for where its own limit is not the submission's.

    Looked at every few milliseconds: what a program takes between two looks is bounded by the
    cgroup's limit alone. Files that were read count too, hence the slack.
    """

    EVERY_S = 0.01
    _SLACK = 32 * 1024 * 1024

    def __init__(self, *, present: bool) -> None:
        paths = ("/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory/memory.usage_in_bytes")
        self._fd = _open_first(paths) if present else -1
        self._most = 0

    @property
    def present(self) -> bool:
        """Whether somebody has to look."""
        return self._fd >= 0

    def begin(self, memory_mb: float) -> None:
        """Allow ``memory_mb`` MiB from here on."""
        if self._fd >= 0:
            self._most = self._read() + int(memory_mb) * 1024 * 1024 + self._SLACK

    def is_exceeded(self) -> bool:
        """Whether more is in use than was allowed."""
        return self._fd >= 0 and self._read() > self._most

    def _read(self) -> int:
        return int(os.pread(self._fd, 64, 0))


class SocketMeter:
    """Memory in the buffers of internet sockets, where no cgroup counts it (version 1).

    The number of sockets is what can be seen in here, and how much one may hold is bounded: for a
    connection by settings of its container, otherwise by a default that the filter keeps.
    """

    EVERY_S = 0.05
    _BYTES = 256 * 1024  # of one

    def __init__(self, *, present: bool) -> None:
        present = present and os.path.isdir("/sys/fs/cgroup/memory")
        paths = ("/proc/net/sockstat", "/proc/net/sockstat6")
        self._fds = [_open_first((path,)) for path in paths] if present else []
        self._fds = [fd for fd in self._fds if fd >= 0]
        self._most = 0

    @property
    def present(self) -> bool:
        """Whether somebody has to look."""
        return bool(self._fds)

    def begin(self, memory_mb: float) -> None:
        """Allow ``memory_mb`` MiB from here on."""
        self._most = int(memory_mb) * 1024 * 1024

    def is_exceeded(self) -> bool:
        """Whether more may be held than was allowed."""
        text = b"".join(os.pread(fd, 1024, 0) for fd in self._fds)
        return sum(map(int, re.findall(rb"inuse (\d+)", text))) * self._BYTES > self._most


class Meters:
    """The meters of one runner.

    Args:
        in_container: There is a cgroup of our own to read.
        fixed_limit: Nobody sets its memory limit for each submission.
    """

    def __init__(self, *, in_container: bool, fixed_limit: bool) -> None:
        self.oom = OomCounter(present=in_container)
        self.cpu = CpuMeter(present=in_container)
        meters = (
            MemoryMeter(present=in_container and fixed_limit),
            SocketMeter(present=in_container),
        )
        self.memory = [meter for meter in meters if meter.present]


class Bounds:
    """Limits of a submission, and when its total time is up."""

    def __init__(self, limits: dict[str, float], meters: Meters) -> None:
        self.memory_mb = limits["memory_mb"]
        self.memory = meters.memory
        self.wall_s = limits["wall_s"]
        self.cpu_s = limits["cpu_s"]
        self.output_bytes = int(limits["output_kb"]) * 1024
        self.deadline = time.monotonic() + limits["total_s"]
        self.cores = len(os.sched_getaffinity(0))
        self.cpu = meters.cpu
