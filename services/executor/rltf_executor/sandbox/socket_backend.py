"""Sandboxes that somebody else starts: Compose or Kubernetes runs them, this service only talks.

Every sandbox listens on a Unix socket in a folder that it shares with the service. One connection
is one life: when the service closes it, the runner ends, and whoever started the container starts
it again, clean. So the service needs no rights over any engine. What it cannot do here is change a
container's memory limit: the runner holds programs to ``limits.memory_mb`` by looking at its cgroup
every few milliseconds, and the container's own limit bounds what they take in between.
"""

import asyncio
import logging
import stat
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from rltf_executor.errors import IsolationError, SandboxUnavailableError
from rltf_executor.sandbox.channel import Channel
from rltf_executor.sandbox.session import WarmSandbox

logger = logging.getLogger(__name__)

_START_TIMEOUT_S = 60.0
_LOOK_EVERY_S = 0.05


class SocketBackend:
    """Connects to sandboxes in a folder of sockets."""

    name = "sockets"

    def __init__(self, folder: Path) -> None:
        """Prepare a backend for the sockets in ``folder``."""
        self._folder = folder
        self._taken: set[Path] = set()
        self.image_id = "sockets"

    async def start(self) -> None:
        """Wait for the first socket.

        Raises:
            SandboxUnavailableError: The folder is missing, or no sandbox listens in it.
        """
        if not self._folder.is_dir():
            raise SandboxUnavailableError(f"sandbox.socket_dir: {self._folder} is no folder")
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self.sockets():
            if time.monotonic() > deadline:
                raise SandboxUnavailableError(f"no sandbox listens in {self._folder}")
            await asyncio.sleep(_LOOK_EVERY_S)

    def sockets(self) -> list[Path]:
        """Every socket in the folder, in use or not."""
        found = []
        for path in sorted(self._folder.glob("*.sock")):
            try:
                if stat.S_ISSOCK(path.lstat().st_mode):
                    found.append(path)
            except OSError:  # it went away while we looked
                continue
        return found

    async def create(self, level: str) -> WarmSandbox:
        """Connect to a sandbox that nobody holds.

        Raises:
            SandboxUnavailableError: None became free in time.
            IsolationError: It runs at another level.
        """
        path, channel = await self._connect()
        sandbox = WarmSandbox(path.stem, channel, self._release(path))
        try:
            await sandbox.greet(_START_TIMEOUT_S, backend=self.name, runtime="external")
        except BaseException:
            await sandbox.close()
            raise
        if sandbox.isolation.level != level:
            await sandbox.close()
            raise IsolationError(
                f"sandbox {path.stem} refused: its level is {sandbox.isolation.level}, not {level}"
            )
        return sandbox

    async def _connect(self) -> tuple[Path, Channel]:
        deadline = time.monotonic() + _START_TIMEOUT_S
        loop = asyncio.get_running_loop()
        while time.monotonic() < deadline:
            for path in self.sockets():
                if path in self._taken:
                    continue
                self._taken.add(path)
                try:
                    _, channel = await loop.create_unix_connection(_make_channel, str(path))
                except OSError:  # its container is being started again
                    self._taken.discard(path)
                    continue
                except BaseException:
                    self._taken.discard(path)
                    raise
                return path, channel
            await asyncio.sleep(_LOOK_EVERY_S)
        raise SandboxUnavailableError(f"no free sandbox listens in {self._folder}")

    def _release(self, path: Path) -> Callable[[], Awaitable[None]]:
        async def release() -> None:
            self._taken.discard(path)

        return release

    async def close(self) -> None:
        """Nothing is left: the sandboxes belong to whoever started them."""


def _make_channel() -> Channel:
    return Channel(multiplexed=False)
