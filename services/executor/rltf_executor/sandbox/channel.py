"""The byte stream between the service and one runner, and the frames on it."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import cast

from rltf_executor.errors import SandboxLostError
from rltf_executor.sandbox.frames import Demultiplexer, FrameParser, ProtocolError

logger = logging.getLogger(__name__)

FrameHandler = Callable[[int, int, bytes], None]


class Channel(asyncio.Protocol):
    """Frames of one runner.

    Incoming ones go to ``on_frame``; the end of the stream completes ``lost``.
    """

    def __init__(self, *, multiplexed: bool) -> None:
        """Prepare a channel.

        Args:
            multiplexed: The stream carries the engine's headers (an attached container without a
                terminal).
        """
        self.on_frame: FrameHandler | None = None
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._parser = FrameParser()
        self._demultiplexer = Demultiplexer() if multiplexed else None
        self._transport: asyncio.Transport | None = None
        self._complaint = bytearray()  # the runner's stderr: only ever its last words
        self._writable = asyncio.Event()
        self._writable.set()

    @property
    def alive(self) -> bool:
        """Whether the stream is still open and in step."""
        return self._transport is not None and not self.lost.done()

    @property
    def complaint(self) -> str:
        """What the runner wrote to stderr."""
        return self._complaint.decode("utf-8", "replace")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def pause_writing(self) -> None:
        """Hold writers until the peer has read."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Let writers go on."""
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Cut what arrived into frames."""
        try:
            if self._demultiplexer is None:
                self._feed(data)
                return
            for stream, piece in self._demultiplexer.feed(data):
                if stream == 1:
                    self._feed(piece)
                elif len(self._complaint) < 4000:
                    self._complaint += piece
        except ProtocolError as error:
            self.close(f"out of step: {error}")

    def _feed(self, data: bytes) -> None:
        for kind, index, payload in self._parser.feed(data):
            if self.on_frame is not None:
                self.on_frame(kind, index, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        """The runner is gone."""
        self._writable.set()
        self._mark_lost(f"stream closed: {exc}" if exc else "stream closed")

    def _mark_lost(self, reason: str) -> None:
        if not self.lost.done():
            self.lost.set_result(reason)

    async def send(self, data: bytes) -> None:
        """Write ``data``, waiting while the runner is slow to read.

        Raises:
            SandboxLostError: The stream is closed.
        """
        if not self.alive or self._transport is None:
            raise SandboxLostError(
                f"sandbox lost: {self.lost.result() if self.lost.done() else 'not connected'}"
            )
        self._transport.write(data)
        await self._writable.wait()

    def send_now(self, data: bytes) -> None:
        """Write a few bytes without waiting.

        A closed stream is noticed by whoever waits for an answer.
        """
        if self._transport is not None and self.alive:
            self._transport.write(data)

    def close(self, reason: str) -> None:
        """End the stream."""
        self._mark_lost(reason)
        if self._transport is not None:
            with contextlib.suppress(OSError):
                self._transport.abort()
