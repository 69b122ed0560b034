"""Sandboxes as child processes of the service, in namespaces of their own, without an engine.

For laptops and tests on Linux. The same runner, at a lower wall: one kernel view of memory and CPU
is shared with the host, so memory is bounded per process and not for all processes of a test
together.
"""

import asyncio
import contextlib
import itertools
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from rltf_executor.errors import SandboxUnavailableError
from rltf_executor.sandbox.channel import Channel
from rltf_executor.sandbox.options import (
    RUNNER_FOLDER,
    START,
    SandboxOptions,
    runner_command,
    runner_environment,
)
from rltf_executor.sandbox.session import WarmSandbox

_START_TIMEOUT_S = 30.0
_NOBODY = 65534
_FOLDER = "rltf-local-"  # followed by the pid of its service


class LocalBackend:
    """Starts and ends runner processes."""

    name = "local"

    def __init__(self, options: SandboxOptions) -> None:
        """Prepare a backend."""
        self._options = options
        self._numbers = itertools.count(1)
        self._folder = ""
        self._running: set[asyncio.subprocess.Process] = set()
        self.image_id = (
            f"local-{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
        )

    async def start(self) -> None:
        """Make the folder the sandboxes' file systems are mounted on, in namespaces only they see.

        Raises:
            SandboxUnavailableError: This is not Linux.
        """
        if sys.platform != "linux":
            raise SandboxUnavailableError(
                f"the local sandbox needs Linux, not {sys.platform}; use --sandbox docker"
            )
        _remove_stale_folders()
        self._folder = tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-")
        os.chmod(self._folder, 0o711)  # noqa: S103  # the runner reaches it after it gave up root

    async def create(self, level: str) -> WarmSandbox:
        """Start a runner and wait for its greeting.

        Raises:
            SandboxUnavailableError: It did not start, or this host refuses it the namespaces.
        """
        number = next(self._numbers)
        ours, theirs = socket.socketpair()
        command = runner_command("/opt/rltf", level, self.name, self._runner_options())
        # Inside its own root the runner lies at /opt/rltf; until then Python imports it from where
        # it is.
        command[4] = START.format(folder=str(RUNNER_FOLDER.parent))
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *command,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=asyncio.subprocess.PIPE,
                env=runner_environment(),
                cwd="/",
            )
        except BaseException as error:
            ours.close()
            if isinstance(error, OSError):
                raise SandboxUnavailableError(f"no process for a sandbox: {error}") from error
            raise
        finally:
            theirs.close()
        self._running.add(process)
        channel = Channel(multiplexed=False)
        sandbox = WarmSandbox(f"local-{number}", channel, lambda: self._end(process))
        try:
            ours.setblocking(False)
            await asyncio.get_running_loop().create_unix_connection(lambda: channel, sock=ours)
            await sandbox.greet(_START_TIMEOUT_S, backend=self.name, runtime="process")
        except BaseException as error:
            await sandbox.close()
            if isinstance(error, SandboxUnavailableError) and process.stderr is not None:
                complaint = (await process.stderr.read(2000)).decode("utf-8", "replace").strip()
                raise type(error)(f"{error} {complaint[-500:]}".strip()) from error
            raise
        return sandbox

    def _runner_options(self) -> dict[str, object]:
        prefixes = sorted(
            {
                sys.prefix,
                sys.base_prefix,
                sys.exec_prefix,
                os.path.dirname(os.path.realpath(sys.executable)),
            }
        )
        return {
            "tmpfs_mb": self._options.tmpfs_mb,
            "root": self._folder,
            "prefixes": prefixes,
            "runner": str(RUNNER_FOLDER),
            "user": _NOBODY,
        }

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        """Kill the parent of the runner; the runner and its programs die with it."""
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        self._running.discard(process)

    async def close(self) -> None:
        """End what still runs; remove the mount point, on which nothing was mounted out here."""
        await asyncio.gather(*(self._end(process) for process in list(self._running)))
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def _remove_stale_folders() -> None:
    """Remove the empty folders of services that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        pid = path.name.removeprefix(_FOLDER).partition("-")[0]
        if pid.isdigit() and not os.path.isdir(f"/proc/{pid}"):
            with contextlib.suppress(OSError):
                path.rmdir()
