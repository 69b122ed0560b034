"""Sandboxes without a runner: a stream that a test answers, and a backend that makes such."""

import asyncio
import json
import struct
from collections.abc import Callable
from typing import Any

import pytest

from rltf_executor.errors import SandboxUnavailableError
from rltf_executor.sandbox import frames
from rltf_executor.sandbox.channel import Channel
from rltf_executor.sandbox.options import RUNNER_DIGEST
from rltf_executor.sandbox.pool import Pool
from rltf_executor.sandbox.session import WarmSandbox

HELLO = {"runner": RUNNER_DIGEST, "python": "3.13.1", "level": "namespaces", "packages": {"x": "1"}}


class ScriptedStream(asyncio.Transport):
    """The far end of a channel: collects requests, and says what a test lets it say."""

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self.channel = channel
        self.requests: list[dict[str, Any]] = []
        self.on_request: Callable[[dict[str, Any]], None] | None = None
        self.arrived = asyncio.Event()
        self.is_closed = False
        self.is_mute = False  # to pings
        self._buffer = b""
        channel.connection_made(self)

    def write(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 8:
            length, header_length = struct.unpack_from(">II", self._buffer)
            if len(self._buffer) < 8 + length:
                return
            header = json.loads(self._buffer[8 : 8 + header_length])
            self._buffer = self._buffer[8 + length :]
            if header["op"] == "ping":
                if not self.is_mute:
                    asyncio.get_running_loop().call_soon(self.say, frames.PONG)
                continue
            self.requests.append(header)
            self.arrived.set()
            if self.on_request is not None:
                self.on_request(header)

    def say(self, kind: int, index: int = 0, payload: bytes | dict[str, Any] = b"") -> None:
        """Send a frame, as the runner would."""
        data = json.dumps(payload).encode() if isinstance(payload, dict) else payload
        self.channel.data_received(struct.pack(">IBI", len(data), kind, index) + data)

    def abort(self) -> None:
        self.lose(None)

    def lose(self, error: Exception | None = None) -> None:
        """End the stream."""
        if not self.is_closed:
            self.is_closed = True
            asyncio.get_running_loop().call_soon(self.channel.connection_lost, error)

    async def next_request(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            await self.arrived.wait()
        self.arrived.clear()
        return self.requests[-1]


class Scripted:
    """A sandbox whose runner is the test."""

    def __init__(self, name: str = "scripted", *, has_limit: bool = True) -> None:
        self.channel = Channel(multiplexed=False)
        self.stream = ScriptedStream(self.channel)
        self.limits: list[int] = []
        self.num_destroyed = 0
        self.limiting: asyncio.Event | None = None  # set: the limit call waits for it
        self.limit_error: Exception | None = None
        self.is_interfered = False
        self.sandbox = WarmSandbox(
            name,
            self.channel,
            self._destroy,
            self._set_memory if has_limit else None,
            self._was_interfered,
        )
        self.stream.say(frames.HELLO, 0, HELLO)

    async def _destroy(self) -> None:
        self.num_destroyed += 1

    async def _set_memory(self, memory_mb: int) -> None:
        if self.limiting is not None:
            await self.limiting.wait()
        if self.limit_error is not None:
            raise self.limit_error
        self.limits.append(memory_mb)

    async def _was_interfered(self) -> bool:
        return self.is_interfered


class ScriptedBackend:
    """Makes scripted sandboxes; ``creating`` holds it up, ``errors`` are raised in turn."""

    name = "scripted"
    image_id = "sha256:1"

    def __init__(self) -> None:
        self.made: list[Scripted] = []
        self.errors: list[Exception] = []
        self.creating: asyncio.Event | None = None
        self.created = asyncio.Event()
        self.num_closed = 0
        self.has_limit = True

    async def start(self) -> None:
        return

    async def create(self, level: str) -> WarmSandbox:
        if self.errors:
            raise self.errors.pop(0)
        if self.creating is not None:
            await self.creating.wait()
        scripted = Scripted(f"scripted-{len(self.made)}", has_limit=self.has_limit)
        await scripted.sandbox.greet(1.0, backend=self.name, runtime="none")
        self.made.append(scripted)
        self.created.set()
        return scripted.sandbox

    async def close(self) -> None:
        self.num_closed += 1

    def of(self, sandbox: object) -> Scripted:
        """The script behind a sandbox."""
        return next(scripted for scripted in self.made if scripted.sandbox is sandbox)

    @property
    def num_alive(self) -> int:
        return sum(not scripted.num_destroyed for scripted in self.made)

    def fail_next(self, count: int, reason: str = "the engine is away") -> None:
        self.errors = [SandboxUnavailableError(reason) for _ in range(count)]


@pytest.fixture
async def scripted() -> Scripted:
    return Scripted()


@pytest.fixture
def backend() -> ScriptedBackend:
    return ScriptedBackend()


@pytest.fixture
async def make_pool(backend: ScriptedBackend):
    """Starts pools over ``backend``, and closes them in the end."""
    pools: list[Pool] = []

    async def make(size: int = 1, **options: Any) -> Pool:
        settings: dict[str, Any] = {
            "level": "namespaces",
            "lease_timeout_s": 5.0,
            "max_runs": 500,
            "max_idle_s": 600.0,
            **options,
        }
        pool = Pool(backend, size=size, **settings)
        pools.append(pool)
        await pool.start()
        return pool

    yield make
    for pool in pools:
        await pool.close()


async def wait_until(condition: Callable[[], object]) -> None:
    """Yield to the loop until ``condition`` holds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  # any condition, not an event's
            await asyncio.sleep(0)


@pytest.fixture
def until() -> Callable[..., Any]:
    return wait_until
