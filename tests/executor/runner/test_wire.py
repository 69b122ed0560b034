"""Both halves of the wire agree, and the runner keeps nothing of what went through its buffers."""

import json
import os
import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rltf_executor.runner import wire
from rltf_executor.sandbox import frames
from rltf_executor.sandbox.base import Plan, StdioRun


@pytest.fixture
def pair():
    """A connected pair of sockets."""
    near, far = socket.socketpair()
    with near, far:
        yield near, far


def read_all(near, far, write):
    """What ``write`` sends into ``far``."""
    received = bytearray()

    def collect():
        while data := near.recv(1 << 20):
            received.extend(data)

    reader = threading.Thread(target=collect)
    reader.start()
    write()
    far.shutdown(socket.SHUT_WR)
    reader.join(10)
    return bytes(received)


def test_kinds_of_frames_have_the_same_numbers_on_both_sides():
    names = [
        "HELLO",
        "STDOUT",
        "STDERR",
        "REPORT_PART",
        "REPORT",
        "LAST_WORDS",
        "OUTCOME",
        "STACK",
        "DONE",
        "PONG",
    ]

    assert [getattr(wire, name) for name in names] == [getattr(frames, name) for name in names]
    assert wire.MAX_REPORT == frames.MAX_FRAME


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(wire.HELLO, wire.PONG),
            st.integers(0, 999),
            st.one_of(
                st.binary(max_size=100),
                st.integers(wire.BUFFER - 20, wire.BUFFER + 20).map(lambda size: b"x" * size),
            ),
        ),
        max_size=6,
    )
)
def test_service_reads_what_the_runner_writes(parts):
    near, far = socket.socketpair()

    def write():
        outbox = wire.Outbox(far.fileno())
        for kind, index, payload in parts:
            outbox.put(kind, index, payload)
        outbox.flush()

    with near, far:
        received = read_all(near, far, write)

    assert list(frames.FrameParser().feed(received)) == parts


def test_frames_wait_in_the_outbox_until_flushed(pair):
    near, far = pair
    near.setblocking(False)
    outbox = wire.Outbox(far.fileno())

    outbox.put(wire.PONG, 0, b"")
    with pytest.raises(BlockingIOError):
        near.recv(10)
    outbox.flush()

    assert len(near.recv(100)) == wire.FRAME.size


def test_outbox_forgets_what_it_sent(pair):
    _, far = pair
    outbox = wire.Outbox(far.fileno())

    outbox.put(wire.STDOUT, 0, b"secret of this submission")
    outbox.flush()

    assert b"secret" not in bytes(outbox._buffer)


def memfd():
    return os.memfd_create("payload")


def content(fd):
    return os.pread(fd, 1 << 24, 0)


def send(far, data):
    sender = threading.Thread(target=far.sendall, args=(data,))
    sender.start()
    return sender


def test_runner_reads_what_the_service_writes(pair):
    near, far = pair
    stdin = b"0123456789" * 100_000  # larger than the buffer
    request = frames.encode_plan(Plan(source="print(1)", tests=(StdioRun(stdin=stdin),)))
    payload_fd = memfd()
    sender = send(far, request + frames.encode_operation("ping"))
    inbox = wire.Inbox(near.fileno())

    header = inbox.read_request(payload_fd)
    following = inbox.read_request(payload_fd)
    sender.join(10)

    offset, length = header["source"]
    assert content(payload_fd)[offset : offset + length] == b"print(1)"
    ((index, offset, length),) = header["stdio"]
    assert index == 0
    assert content(payload_fd)[offset : offset + length] == stdin
    assert following == {"op": "ping"}
    os.close(payload_fd)


def test_inbox_forgets_what_it_passed_on(pair):
    near, far = pair
    payload_fd = memfd()
    sender = send(far, frames.encode_plan(Plan(source="secret = 1", tests=())))
    inbox = wire.Inbox(near.fileno())
    inbox.read_request(payload_fd)
    sender.join(10)

    assert b"secret" in content(payload_fd)
    assert b"secret" not in bytes(inbox._buffer)
    os.close(payload_fd)


@pytest.mark.parametrize("cut", [0, 3, 8, 12, -1])
def test_service_that_goes_away_mid_request_ends_it(pair, cut):
    near, far = pair
    request = frames.encode_plan(Plan(source="x = 1" * 10, tests=()))
    far.sendall(request[:cut])
    far.close()

    payload_fd = memfd()
    assert wire.Inbox(near.fileno()).read_request(payload_fd) is None
    os.close(payload_fd)


@pytest.mark.parametrize(
    ("length", "header_length"),
    [
        (0, 0),
        (1, 1),
        (10, 11),  # a header longer than the whole
        (1 << 31, 100),
        (wire.MAX_HEADER + 10, wire.MAX_HEADER + 1),
    ],
)
def test_request_out_of_bounds_is_refused_before_it_is_read(pair, length, header_length):
    near, far = pair
    far.sendall(length.to_bytes(4, "big") + header_length.to_bytes(4, "big"))

    with pytest.raises(ValueError, match="out of bounds"):
        wire.Inbox(near.fileno()).read_request(-1)


def test_request_of_a_thousand_tests_is_within_bounds(pair):
    near, far = pair
    tests = tuple(StdioRun(stdin=b"x" * 1000) for _ in range(1000))
    sender = send(far, frames.encode_plan(Plan(source="", tests=tests)))
    payload_fd = memfd()

    header = wire.Inbox(near.fileno()).read_request(payload_fd)
    sender.join(10)

    assert len(header["stdio"]) == 1000
    assert len(json.dumps(header)) < wire.MAX_HEADER
    os.close(payload_fd)


def test_wiping_leaves_zeros_and_what_lies_behind():
    buffer = memoryview(bytearray(b"abcdef"))

    wire.wipe(buffer, 4)

    assert bytes(buffer) == b"\0\0\0\0ef"
