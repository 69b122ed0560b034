"""The stream to a runner: frames in, requests out, and its end noticed by whoever waits."""

import asyncio
import struct

import pytest

from rltf_executor.errors import SandboxLostError
from rltf_executor.sandbox import frames
from rltf_executor.sandbox.channel import Channel


class Transport(asyncio.Transport):
    def __init__(self, channel):
        super().__init__()
        self.written = b""
        self.is_aborted = False
        self._channel = channel
        channel.connection_made(self)

    def write(self, data):
        self.written += data

    def abort(self):
        self.is_aborted = True
        asyncio.get_running_loop().call_soon(self._channel.connection_lost, None)


def open_channel(*, multiplexed=False):
    channel = Channel(multiplexed=multiplexed)
    received = []
    channel.on_frame = lambda *frame: received.append(frame)
    return channel, Transport(channel), received


def frame(kind, index, payload):
    return struct.pack(">IBI", len(payload), kind, index) + payload


def engine_piece(stream, data):
    return struct.pack(">BxxxI", stream, len(data)) + data


async def test_channel_without_a_connection_is_not_alive():
    channel = Channel(multiplexed=False)

    assert not channel.alive
    with pytest.raises(SandboxLostError, match="not connected"):
        await channel.send(b"x")


async def test_frames_are_handed_over_in_order():
    channel, _, received = open_channel()

    channel.data_received(frame(frames.STDOUT, 1, b"a") + frame(frames.DONE, 0, b"{}")[:4])
    channel.data_received(frame(frames.DONE, 0, b"{}")[4:])

    assert received == [(frames.STDOUT, 1, b"a"), (frames.DONE, 0, b"{}")]


async def test_stderr_of_a_container_is_kept_for_the_log_and_is_no_frame():
    channel, _, received = open_channel(multiplexed=True)

    channel.data_received(engine_piece(2, b"Traceback"))
    channel.data_received(engine_piece(1, frame(frames.PONG, 0, b"")))

    assert channel.complaint == "Traceback"
    assert received == [(frames.PONG, 0, b"")]


async def test_stderr_without_end_is_not_kept():
    channel, _, _ = open_channel(multiplexed=True)

    for _ in range(1000):
        channel.data_received(engine_piece(2, b"x" * 1000))

    assert len(channel.complaint) <= 5000


async def test_stream_out_of_step_is_closed():
    channel, transport, received = open_channel()

    channel.data_received(b"\xff" * 9)

    assert transport.is_aborted
    assert not channel.alive
    assert "out of step" in channel.lost.result()
    assert received == []


async def test_handler_that_refuses_a_frame_closes_the_stream():
    channel, transport, _ = open_channel()

    def refuse(*_):
        raise frames.ProtocolError("not now")

    channel.on_frame = refuse
    channel.data_received(frame(frames.PONG, 0, b""))

    assert transport.is_aborted
    assert "not now" in channel.lost.result()


async def test_send_waits_while_the_peer_is_slow_to_read():
    channel, transport, _ = open_channel()
    channel.pause_writing()
    sending = asyncio.create_task(channel.send(b"plan"))
    await asyncio.sleep(0.01)
    assert transport.written == b"plan"
    assert not sending.done()

    channel.resume_writing()

    async with asyncio.timeout(1):
        await sending


async def test_send_that_waits_ends_when_the_stream_does():
    channel, _, _ = open_channel()
    channel.pause_writing()
    sending = asyncio.create_task(channel.send(b"plan"))
    await asyncio.sleep(0)

    channel.connection_lost(ConnectionResetError())

    async with asyncio.timeout(1):
        await sending
    assert not channel.alive
    with pytest.raises(SandboxLostError):
        await channel.send(b"more")


async def test_send_can_be_cancelled_while_it_waits():
    channel, _, _ = open_channel()
    channel.pause_writing()
    sending = asyncio.create_task(channel.send(b"plan"))
    await asyncio.sleep(0)

    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    assert channel.alive


async def test_few_bytes_to_a_closed_stream_are_dropped():
    channel, transport, _ = open_channel()
    channel.close("closed")

    channel.send_now(b"cancel")

    assert transport.written == b""


async def test_first_reason_of_a_loss_is_kept():
    channel, _, _ = open_channel()

    channel.close("silent")
    await asyncio.sleep(0)
    channel.connection_lost(OSError("later"))

    assert channel.lost.result() == "silent"
