"""Reads request bodies within bounds: bytes of one, bytes of all held at a time, and time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from rltf_executor.faults import Fault
from rltf_executor.problems import (
    BODY_TIMEOUT,
    BODY_TOO_LARGE,
    QUEUE_FULL,
    ProblemError,
    invalid,
)
from rltf_executor.settings import ServerSettings

_MIB: Final = 1024 * 1024
DISCARD_S: Final = 5.0
_UNANNOUNCED_BYTES: Final = 256 * 1024


class BodyReader:
    """Reads bodies; the bytes of those being read or parsed are counted together."""

    def __init__(self, settings: ServerSettings) -> None:
        self._max_bytes = settings.max_body_mb * _MIB
        self._max_held_bytes = max(settings.max_buffered_mb * _MIB, self._max_bytes)
        self._timeout_s = settings.body_timeout_s
        self._held_bytes = 0

    @asynccontextmanager
    async def read(self, scope: Scope, receive: Receive) -> AsyncIterator[bytes]:
        """Gives the whole body; it counts as held until the context ends.

        Raises:
            ProblemError: 408, 413 or 429, with the sender given a moment to stop sending.
            ClientDisconnect: The client went away before the body was whole.
        """
        held = _Held(self)
        try:
            yield await self._read(Incoming(scope, receive), held)
        finally:
            held.release()

    async def _read(self, incoming: "Incoming", held: "_Held") -> bytes:
        announced = incoming.announced_bytes
        try:
            if announced > self._max_bytes:
                raise self._too_large(announced)
            held.take(announced)
            async with asyncio.timeout(self._timeout_s):
                return await self._collect(incoming, held)
        except TimeoutError:
            raise ProblemError(
                BODY_TIMEOUT,
                f"the body was not whole after {self._timeout_s:g} s",
                headers={"Connection": "close"},
            ) from None
        except ProblemError:
            await incoming.discard(self._max_bytes, min(self._timeout_s, DISCARD_S))
            raise

    async def _collect(self, incoming: "Incoming", held: "_Held") -> bytes:
        chunks: list[bytes] = []
        num_bytes = 0
        async for chunk in incoming.chunks():
            chunks.append(chunk)
            num_bytes += len(chunk)
            if num_bytes > self._max_bytes:
                raise self._too_large(num_bytes)
            if num_bytes > held.num_bytes:
                held.take(max(num_bytes - held.num_bytes, _UNANNOUNCED_BYTES))
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _too_large(self, num_bytes: int) -> ProblemError:
        message = f"body: {num_bytes} bytes is more than {self._max_bytes}"
        problem = invalid([Fault("body", message)], kind=BODY_TOO_LARGE)
        problem.headers["Connection"] = "close"
        return problem

    def _hold(self, num_bytes: int) -> None:
        if self._held_bytes + num_bytes > self._max_held_bytes:
            raise ProblemError(
                QUEUE_FULL,
                "the bodies of other requests fill the memory set aside for them",
                retry_after_s=1.0,
                headers={"Connection": "close"},
            )
        self._held_bytes += num_bytes

    def _drop(self, num_bytes: int) -> None:
        self._held_bytes -= num_bytes


class _Held:
    """The bytes one request has taken of the reader's bound."""

    def __init__(self, reader: BodyReader) -> None:
        self._reader = reader
        self.num_bytes = 0

    def take(self, num_bytes: int) -> None:
        self._reader._hold(num_bytes)
        self.num_bytes += num_bytes

    def release(self) -> None:
        self._reader._drop(self.num_bytes)
        self.num_bytes = 0


class Incoming:
    """A body on its way."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._is_whole = False
        self._waits_for_go_ahead = False
        self.announced_bytes = 0  # 0 too if its size was not announced
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit():
                self.announced_bytes = int(value[:20])
            elif name == b"expect":
                self._waits_for_go_ahead = value.lower() == b"100-continue"

    async def chunks(self) -> AsyncIterator[bytes]:
        """Gives the parts that have not been taken yet.

        Raises:
            ClientDisconnect: The client went away.
        """
        while not self._is_whole:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            self._waits_for_go_ahead = False  # whatever reads the first part gives it
            self._is_whole = not message.get("more_body", False)
            if message.get("body"):
                yield message["body"]

    async def discard(self, max_bytes: int, within_s: float = DISCARD_S) -> None:
        """Reads on for a moment, keeping nothing: one that still sends would miss the answer.

        A client that waits to be told to go on (``Expect: 100-continue``) is not told so.
        """
        if self._waits_for_go_ahead:
            return
        num_bytes = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                async for chunk in self.chunks():
                    num_bytes += len(chunk)
                    if num_bytes > max_bytes:
                        return
