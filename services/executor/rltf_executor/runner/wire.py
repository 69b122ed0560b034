"""Frames between service and runner, and between runner and program process.

No content stays behind here. To the service: ``u32 length, u8 kind, u32 index, payload``. From the
service: ``u32 length, u32 header length, header (JSON), payload``. From a program process: ``u32
length, u8 kind, u32 index, payload``, forwarded unread.
"""

import json
import os
import struct
from typing import Any

HELLO, STDOUT, STDERR, REPORT_PART, REPORT, LAST_WORDS, OUTCOME, STACK, DONE, PONG = range(1, 11)

# what a program process says; any other byte, or one out of turn, is forged
READY, LOADED, TESTED, SYNTAX, UNCAUGHT, FINISHED, DIED = (ord(letter) for letter in "RLTSXED")

MAX_REPORT = 17 * 1024 * 1024
MAX_HEADER = 4 * 1024 * 1024
MAX_PAYLOAD = 160 * 1024 * 1024
BUFFER = 256 * 1024

FRAME = struct.Struct(">IBI")
CHILD_FRAME = struct.Struct(">IBI")
_REQUEST = struct.Struct(">II")
_ZEROS = memoryview(bytes(BUFFER))


def wipe(buffer: memoryview, length: int) -> None:
    """Overwrite the first ``length`` bytes of a buffer: the next child inherits this memory."""
    buffer[:length] = _ZEROS[:length]


class Outbox:
    """Frames on their way to the service, gathered so that one write carries many."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._buffer = memoryview(bytearray(BUFFER))
        self._used = 0

    def put(self, kind: int, index: int, payload: bytes | memoryview) -> None:
        """Queue a frame of any size."""
        length = len(payload)
        if self._used + FRAME.size + length > BUFFER:
            self.flush()
        if FRAME.size + length > BUFFER:
            header = FRAME.pack(length, kind, index)
            self._write(memoryview(header))
            self._write(memoryview(payload))
            return
        FRAME.pack_into(self._buffer, self._used, length, kind, index)
        start = self._used + FRAME.size
        self._buffer[start : start + length] = payload
        self._used = start + length

    def put_json(self, kind: int, index: int, data: dict[str, object]) -> None:
        """Queue a frame of the runner's own words."""
        self.put(kind, index, json.dumps(data, separators=(",", ":")).encode())

    @property
    def holds_frames(self) -> bool:
        """Whether frames wait to be written."""
        return self._used > 0

    def flush(self) -> None:
        """Write out what is queued, and wipe it."""
        if self._used:
            self._write(self._buffer[: self._used])
            wipe(self._buffer, self._used)
            self._used = 0

    def _write(self, view: memoryview) -> None:
        while view:
            view = view[os.write(self._fd, view) :]


class Inbox:
    """Requests from the service.

    Headers are read into memory, payloads go straight into a memfd.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._buffer = memoryview(bytearray(BUFFER))

    def read_request(self, payload_fd: int) -> dict[str, Any] | None:
        """Wait for a request; its payload replaces the content of ``payload_fd``.

        Returns:
            The header, or None when the service has closed the stream.

        Raises:
            ValueError: The stream is out of step.
        """
        prefix = self._read_exactly(_REQUEST.size)
        if prefix is None:
            return None
        length, header_length = _REQUEST.unpack(prefix)
        if (
            not 2 <= header_length <= MAX_HEADER
            or not header_length <= length <= MAX_HEADER + MAX_PAYLOAD
        ):
            raise ValueError("request out of bounds")
        header = self._read_exactly(header_length)
        if header is None:
            return None
        remaining = length - header_length
        if remaining and not self._copy(remaining, payload_fd):
            return None
        request: dict[str, Any] = json.loads(header)
        return request

    def _read_exactly(self, length: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < length:
            part = os.read(self._fd, length - len(parts))
            if not part:
                return None
            parts += part
        return bytes(parts)

    def _copy(self, remaining: int, payload_fd: int) -> bool:
        position = 0
        while remaining:
            count = os.readv(self._fd, [self._buffer[: min(remaining, BUFFER)]])
            if not count:
                return False
            written = 0
            while written < count:
                written += os.pwrite(payload_fd, self._buffer[written:count], position + written)
            position += count
            wipe(self._buffer, count)
            remaining -= count
        return True
