"""Frames to and from the runner, without any I/O. The service's half of ``runner/wire.py``.

What arrives here may come from a hostile program by way of the runner: lengths are bounded before
anything is kept, and a report is turned into typed values or refused with ``ValueError``.
"""

import json
import struct
from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from rltf_executor.sandbox.base import (
    Call,
    CodeFrame,
    Evaluate,
    Exec,
    Fault,
    Plan,
    Probe,
    Report,
    StdioRun,
    Step,
)

HELLO, STDOUT, STDERR, REPORT_PART, REPORT, LAST_WORDS, OUTCOME, STACK, DONE, PONG = range(1, 11)

MAX_FRAME: Final = 17 * 1024 * 1024
_FRAME = struct.Struct(">IBI")
_REQUEST = struct.Struct(">II")
_MAX_FRAMES_OF_A_FAULT = 64
_MAX_TEXT = 8000
_MAX_DECIMAL_BITS = 14_000  # about 4,200 digits; beyond 4,300 json refuses
BIG_INT = "\0int"


class ProtocolError(Exception):
    """The runner's stream is out of step."""


class FrameParser:
    """Cuts a byte stream into frames, whatever pieces it comes in."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Give every frame that ``data`` completes, as (kind, index, payload).

        Raises:
            ProtocolError: A frame is too long or of no known kind.
        """
        buffer = self._buffer
        buffer += data
        position = 0
        try:
            while len(buffer) - position >= _FRAME.size:
                length, kind, index = _FRAME.unpack_from(buffer, position)
                if length > MAX_FRAME or not HELLO <= kind <= PONG:
                    raise ProtocolError(f"frame of kind {kind} with {length} bytes")
                end = position + _FRAME.size + length
                if len(buffer) < end:
                    break
                payload = bytes(buffer[position + _FRAME.size : end])
                position = end
                yield kind, index, payload
        finally:
            del buffer[:position]


class Demultiplexer:
    """Takes the engine's headers (stream, length) off an attached container's output."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._stream = 0
        self._remaining = 0

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Give the pieces of ``data`` as (stream, bytes); 1 is stdout, 2 is stderr."""
        position = 0
        while position < len(data):
            if not self._remaining:
                end = min(position + 8 - len(self._head), len(data))
                self._head += data[position:end]
                position = end
                if len(self._head) == 8:
                    self._stream, self._remaining = struct.unpack(">BxxxI", self._head)
                    self._head.clear()
                continue
            end = min(position + self._remaining, len(data))
            yield self._stream, data[position:end]
            self._remaining -= end - position
            position = end


def encode_operation(operation: str) -> bytes:
    """A request without content: ``ping``, ``cancel``, ``go`` or ``stop``."""
    header = json.dumps({"op": operation}).encode()
    return _REQUEST.pack(len(header), len(header)) + header


def encode_plan(plan: Plan, *, prompt: bool = True) -> bytes:
    """A request to run ``plan``: places and bounds in its header, all content in its payload.

    Args:
        plan: What runs.
        prompt: Have the last answer sent at once. It costs a write, which is better saved when
            other submissions wait.
    """
    payload = bytearray()

    def place(content: bytes) -> list[int]:
        payload.extend(content)
        return [len(payload) - len(content), len(content)]

    limits = plan.limits
    header = {
        "op": "run",
        "source": place(plan.source.encode("utf-8", "surrogatepass")),
        "prelude": place(plan.prelude.encode("utf-8", "surrogatepass")),
        "setup": place(plan.setup.encode("utf-8", "surrogatepass")),
        "probes": [
            [index, *place(_encode_steps(test.steps))]
            for index, test in enumerate(plan.tests)
            if isinstance(test, Probe)
        ],
        "stdio": [
            [index, *place(test.stdin)]
            for index, test in enumerate(plan.tests)
            if isinstance(test, StdioRun)
        ],
        "limits": {
            "wall_s": limits.wall_s,
            "cpu_s": limits.effective_cpu_s,
            "memory_mb": limits.memory_mb,
            "output_kb": limits.output_kb,
            "processes": limits.processes,
            "total_s": limits.total_s,
        },
        "fresh_process": plan.fresh_process,
        "stepwise": plan.stepwise,
        "prompt": prompt,
        "coverage": plan.coverage,
    }
    encoded = json.dumps(header, separators=(",", ":")).encode()
    return _REQUEST.pack(len(encoded) + len(payload), len(encoded)) + encoded + payload


def _encode_steps(steps: tuple[Step, ...]) -> bytes:
    return json.dumps([_encode_step(step) for step in steps], separators=(",", ":")).encode()


def _encode_step(step: Step) -> dict[str, object]:
    if isinstance(step, Exec):
        return {"exec": step.code}
    if isinstance(step, Evaluate):
        return {"eval": step.expressions}
    if isinstance(step, Call):
        return {
            "call": step.function,
            "args": _portable(list(step.args)),
            "kwargs": _portable(step.kwargs),
        }
    return {"hold": step.code}


def _portable(value: JsonValue) -> JsonValue:
    """Spell integers too long for Python to read from decimal as ``{BIG_INT: hexadecimal}``."""
    if isinstance(value, list):
        return [_portable(item) for item in value]
    if isinstance(value, dict):
        return {key: _portable(item) for key, item in value.items()}
    if type(value) is int and value.bit_length() > _MAX_DECIMAL_BITS:
        return {BIG_INT: hex(value)}
    return value


def decode_own(payload: bytes) -> dict[str, JsonValue]:
    """Decode what the runner says in its own words."""
    try:
        data = json.loads(payload)
    except ValueError as error:
        raise ProtocolError("the runner's frame is no JSON") from error
    if not isinstance(data, dict):
        raise ProtocolError("the runner's frame is no object")
    return data


def decode_report(payload: bytes) -> tuple[Report, tuple[float, float, int]]:
    """Decode what a program's process said.

    Returns:
        The report, and its own account of wall milliseconds, CPU milliseconds and peak KiB.

    Raises:
        ValueError: It is not what our code in the child writes.
    """
    try:
        data = json.loads(payload)
        if not isinstance(data, dict):
            raise ValueError("no object")
        values, held = data.get("values", []), data.get("held", [])
        if not isinstance(values, list) or not isinstance(held, list):
            raise ValueError("no lists")
        report = Report(
            values=tuple(values),
            held=tuple(item is True for item in held),
            fault=_decode_fault(data.get("fault")),
            executed_lines=_decode_lines(data.get("lines")),
            flags=tuple(_text(flag, 64) for flag in _items(data.get("flags", []), 32)),
        )
        return report, _decode_usage(data.get("usage"))
    except (RecursionError, KeyError, TypeError, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"malformed report: {type(error).__name__}") from error


def _items(data: object, most: int) -> list[object]:
    if not isinstance(data, list) or len(data) > most:
        raise ValueError("a list is missing or too long")
    return data


def _text(data: object, most: int) -> str:
    if not isinstance(data, str):
        raise ValueError("a string is missing")
    return data[:most]


def _number(data: object) -> int:
    if type(data) is not int or not -(2**31) <= data < 2**31:
        raise ValueError("a number is missing or out of bounds")
    return data


def _decode_usage(data: object) -> tuple[float, float, int]:
    if data is None:
        return 0.0, 0.0, 0
    wall_ms, cpu_ms, memory_kb = _items(data, 3)
    numbers = []
    for value in (wall_ms, cpu_ms, memory_kb):
        if not isinstance(value, int | float) or not 0 <= value < 1e12:
            raise ValueError("usage out of bounds")
        numbers.append(value)
    return float(numbers[0]), float(numbers[1]), int(numbers[2])


def _decode_lines(data: object) -> tuple[int, ...] | None:
    if data is None:
        return None
    return tuple(_number(line) for line in _items(data, 2_000_000))


def _decode_fault(data: object) -> Fault | None:
    if data is None:
        return None
    if not isinstance(data, dict):
        raise ValueError("fault is no object")
    frames = tuple(_decode_frame(frame) for frame in _items(data["frames"], _MAX_FRAMES_OF_A_FAULT))
    errno = data.get("errno")
    return Fault(
        type=_text(data["type"], 200),
        message=_text(data["message"], _MAX_TEXT),
        frames=frames,
        errno=None if errno is None else _number(errno),
        is_memory_error=data.get("memory") is True,
        is_own=data.get("own") is not False,
    )


def _decode_frame(data: object) -> CodeFrame:
    function, line, end_line, column, end_column = _items(data, 5)
    return CodeFrame(
        function=_text(function, 200),
        line=_number(line),
        end_line=None if end_line is None else _number(end_line),
        column=None if column is None else _number(column),
        end_column=None if end_column is None else _number(end_column),
    )
