"""Frames to and from the runner: any cut is read the same, anything malformed is refused."""

import contextlib
import json
import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltf_executor.sandbox import frames
from rltf_executor.sandbox.base import Call, Evaluate, Exec, Hold, Plan, Probe, StdioRun
from rltf_executor.schema import Limits

kinds = st.integers(frames.HELLO, frames.PONG)
frame_lists = st.lists(st.tuples(kinds, st.integers(0, 999), st.binary(max_size=200)), max_size=8)


def wire(parts):
    return b"".join(
        struct.pack(">IBI", len(data), kind, index) + data for kind, index, data in parts
    )


def cut(data, cuts):
    edges = [0, *sorted(edge % (len(data) + 1) for edge in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@given(frame_lists, st.lists(st.integers(0, 5000), max_size=10))
def test_frames_are_read_the_same_however_the_stream_is_cut(parts, cuts):
    parser = frames.FrameParser()

    read = [frame for piece in cut(wire(parts), cuts) for frame in parser.feed(piece)]

    assert read == parts


@given(frame_lists, st.lists(st.integers(0, 5000), max_size=10))
def test_engine_headers_come_off_however_the_stream_is_cut(parts, cuts):
    data = b"".join(
        struct.pack(">BxxxI", 1 + kind % 2, len(payload)) + payload for kind, _, payload in parts
    )
    demultiplexer = frames.Demultiplexer()
    streams = {1: b"", 2: b""}

    for piece in cut(data, cuts):
        for stream, content in demultiplexer.feed(piece):
            streams[stream] += content

    for stream in (1, 2):
        assert streams[stream] == b"".join(p for kind, _, p in parts if 1 + kind % 2 == stream)


@pytest.mark.parametrize(("length", "kind"), [(frames.MAX_FRAME + 1, 2), (0, 0), (0, 11), (4, 255)])
def test_frame_out_of_bounds_is_refused(length, kind):
    with pytest.raises(frames.ProtocolError):
        list(frames.FrameParser().feed(struct.pack(">IBI", length, kind, 0)))


def decode_request(data):
    length, header_length = struct.unpack_from(">II", data)
    assert len(data) == 8 + length
    return json.loads(data[8 : 8 + header_length]), data[8 + header_length :]


def test_plan_is_laid_out_with_all_content_in_the_payload():
    plan = Plan(
        source="def f(x): return x  # é",
        prelude="import math",
        setup="y = 1",
        tests=(
            StdioRun(stdin=b"1 2\n"),
            Probe(steps=(Exec(code="a = 1"), Call(function="f", args=(1,), kwargs={"k": None}))),
            Probe(steps=(Evaluate(expressions=("f(1)",)), Hold(code="assert f(y)"))),
        ),
        limits=Limits(wall_s=2, memory_mb=64),
        stepwise=True,
    )

    header, payload = decode_request(frames.encode_plan(plan))

    def content(place):
        offset, length = place
        return payload[offset : offset + length]

    assert content(header["source"]).decode() == plan.source
    assert content(header["prelude"]) == b"import math"
    assert content(header["setup"]) == b"y = 1"
    assert [[test[0], content(test[1:])] for test in header["stdio"]] == [[0, b"1 2\n"]]
    assert [test[0] for test in header["probes"]] == [1, 2]
    assert json.loads(content(header["probes"][0][1:])) == [
        {"exec": "a = 1"},
        {"call": "f", "args": [1], "kwargs": {"k": None}},
    ]
    assert json.loads(content(header["probes"][1][1:])) == [
        {"eval": ["f(1)"]},
        {"hold": "assert f(y)"},
    ]
    assert header["limits"]["cpu_s"] == 2
    assert header["stepwise"] is True
    assert "def f" not in json.dumps(header)


def test_report_is_read_into_typed_values():
    payload = json.dumps(
        {
            "values": [3, ["l", 1]],
            "held": [True, 1],
            "fault": {
                "type": "ValueError",
                "message": "m",
                "frames": [["f", 3, 3, 4, 9]],
                "errno": None,
            },
            "usage": [1.5, 2, 900],
            "flags": ["frame_walk"],
            "lines": [1, 2],
        }
    ).encode()

    report, usage = frames.decode_report(payload)

    assert report.values == (3, ["l", 1])
    assert report.held == (True, False)  # 1 is not True: only the word itself counts
    assert report.fault is not None
    assert (report.fault.type, report.fault.frames[0].line) == ("ValueError", 3)
    assert report.executed_lines == (1, 2)
    assert usage == (1.5, 2.0, 900)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"nonsense",
        b"\xff\xfe",
        b'{"values": {}}',
        b'{"held": 3}',
        b'{"fault": 3}',
        b'{"fault": {}}',
        b'{"fault": {"type": 1, "message": "", "frames": []}}',
        b'{"fault": {"type": "E", "message": "", "frames": [[1,2,3,4,5]]}}',
        b'{"fault": {"type": "E", "message": "", "frames": [["f","x",3,4,5]]}}',
        b'{"fault": {"type": "E", "message": "", "frames": [["f",99999999999999,3,4,5]]}}',
        b'{"usage": [-1, 0, 0]}',
        b'{"usage": [NaN, 0, 0]}',
        b'{"usage": [0, 0]}',
        b'{"lines": ["a"]}',
        b'{"flags": [1]}',
        b'{"values": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"values": [' + b"9" * 5000 + b"]}",
    ],
    ids=lambda payload: payload[:40].decode("latin-1"),
)
def test_malformed_report_is_refused(payload):
    with pytest.raises(ValueError, match=r"."):
        frames.decode_report(payload)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_report_or_refused(payload):
    with contextlib.suppress(ValueError):
        frames.decode_report(payload)
