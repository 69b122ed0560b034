"""Frames become outcomes, each handed over once; a frame that cannot come now is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltf_executor.sandbox import frames
from rltf_executor.sandbox.base import Evaluate, LimitHit, Phase, Plan, Probe, StdioRun
from rltf_executor.sandbox.collector import Collector, parse_stack
from rltf_executor.sandbox.frames import ProtocolError
from rltf_executor.schema import Limits

PROBE = Probe(steps=(Evaluate(expressions=("1",)),))
STDIO = StdioRun(stdin=b"")
FAULT = {"type": "ValueError", "message": "m", "frames": [["f", 3, 3, 4, 9]], "errno": None}


class Run:
    """A collector, what it handed over, and the words it sent."""

    def __init__(self, *tests, proceed=lambda _: True, **options):
        self.outcomes = []
        self.words = []
        plan = Plan(source="", tests=tests, **options)

        def take(outcome):
            self.outcomes.append(outcome)
            return proceed(outcome)

        self.collector = Collector(plan, take, self.words.append)

    def say(self, kind, index=0, payload=b""):
        data = json.dumps(payload).encode() if isinstance(payload, dict) else payload
        self.collector.frame(kind, index, data)

    def outcome(self, index, **data):
        self.say(frames.OUTCOME, index, {"phase": "test", **data})

    def done(self, condemned=None):
        self.say(frames.DONE, 0, {"condemned": condemned})

    @property
    def indices(self):
        return [outcome.index for outcome in self.outcomes]


def test_probe_that_answers_lives_on():
    run = Run(PROBE)

    run.say(frames.STDOUT, 0, b"out")
    run.say(frames.STDERR, 0, b"err")
    run.say(frames.REPORT, 0, {"values": [3], "usage": [1.5, 2.5, 900]})
    run.done()

    (outcome,) = run.outcomes
    assert outcome.report.values == (3,)
    assert (outcome.exit_code, outcome.signal, outcome.limit_hit) == (None, None, None)
    assert (outcome.stdout, outcome.stderr) == (b"out", b"err")
    assert (outcome.wall_ms, outcome.cpu_ms, outcome.memory_kb) == (1.5, 2.5, 900)
    assert run.collector.finished
    assert not run.collector.gave_up


def test_report_in_parts_is_put_together():
    run = Run(PROBE)
    payload = json.dumps({"values": ["x" * 100]}).encode()

    run.say(frames.REPORT_PART, 0, payload[:50])
    run.say(frames.REPORT_PART, 0, payload[50:70])
    run.say(frames.REPORT, 0, payload[70:])

    assert run.outcomes[0].report.values == ("x" * 100,)


def test_part_of_a_report_that_was_never_finished_does_not_reach_the_next_test():
    run = Run(PROBE, PROBE)

    run.say(frames.REPORT_PART, 0, b'{"values": [1')
    run.outcome(0, limit="wall")
    run.say(frames.REPORT, 1, {"values": [2]})

    assert run.outcomes[0].report is None
    assert run.outcomes[1].report.values == (2,)


def test_output_of_one_test_does_not_reach_the_next():
    run = Run(STDIO, STDIO)

    run.say(frames.STDOUT, 0, b"first")
    run.outcome(0, exit=0)
    run.say(frames.STDOUT, 1, b"second")
    run.outcome(1, exit=0)

    assert [outcome.stdout for outcome in run.outcomes] == [b"first", b"second"]


def test_probes_come_before_stdio_runs_whatever_their_place():
    run = Run(STDIO, PROBE, STDIO, PROBE)

    for index in (1, 3):
        run.say(frames.REPORT, index, {"values": [index]})
    for index in (0, 2):
        run.outcome(index, exit=0)

    assert run.indices == [1, 3, 0, 2]


@pytest.mark.parametrize("index", [0, 2, 3, 99])
def test_frame_for_another_test_than_the_one_that_runs_is_refused(index):
    run = Run(PROBE, PROBE, PROBE)
    run.say(frames.REPORT, 0, {"values": [0]})

    with pytest.raises(ProtocolError, match="while 1 runs"):
        run.say(frames.REPORT, index, {"values": [7]})
    assert run.indices == [0]


def test_frame_after_the_last_outcome_is_refused():
    run = Run(STDIO)
    run.outcome(0, exit=0)

    with pytest.raises(ProtocolError):
        run.outcome(0, exit=0)


def test_frame_after_the_end_is_refused():
    run = Run(STDIO)
    run.done()

    with pytest.raises(ProtocolError, match="after the end"):
        run.done()


@pytest.mark.parametrize("kind", [frames.HELLO, frames.PONG])
def test_frame_of_no_kind_for_a_run_is_refused(kind):
    with pytest.raises(ProtocolError):
        Run(STDIO).say(kind, 0, b"{}")


def test_more_output_than_the_limit_is_refused():
    run = Run(STDIO, limits=Limits(output_kb=1))
    run.say(frames.STDOUT, 0, b"x" * 1024)
    run.say(frames.STDERR, 0, b"x" * 1024)

    with pytest.raises(ProtocolError, match="limit"):
        run.say(frames.STDOUT, 0, b"x")


def test_report_without_end_is_refused():
    run = Run(PROBE)
    for _ in range(17):
        run.say(frames.REPORT_PART, 0, b"x" * 1024 * 1024)

    with pytest.raises(ProtocolError, match="too long"):
        run.say(frames.REPORT_PART, 0, b"x")


def test_forged_report_of_a_probe_is_tampering_and_condemns():
    run = Run(PROBE, PROBE)

    run.say(frames.REPORT, 0, b"I passed")
    run.say(frames.REPORT, 1, {"values": [1]})
    run.done()

    assert [outcome.tampered for outcome in run.outcomes] == [True, False]
    assert run.outcomes[0].report is None
    assert run.collector.condemned == "forged report"


def test_forged_last_words_are_tampering_and_condemn():
    run = Run(STDIO, STDIO)

    run.say(frames.LAST_WORDS, 0, b"I passed")
    run.outcome(0, exit=0)
    run.outcome(1, exit=0)
    run.done()

    assert [outcome.tampered for outcome in run.outcomes] == [True, False]
    assert run.outcomes[0].exit_code is None
    assert run.collector.condemned == "forged report"


def test_tampering_that_ends_a_run_is_the_outcome_of_all_its_later_tests():
    run = Run(PROBE, PROBE, STDIO)

    run.say(frames.REPORT, 0, {"values": [1]})
    run.outcome(1, tampered=True, flags=["forged_frame"])
    run.done("tampered")

    assert run.indices == [0, 1, 2]
    assert [outcome.tampered for outcome in run.outcomes] == [False, True, True]
    assert run.collector.condemned == "tampered"
    assert not run.collector.gave_up


def test_program_that_does_not_compile_has_that_outcome_for_every_test():
    run = Run(STDIO, PROBE, PROBE)

    run.say(frames.LAST_WORDS, 1, {"fault": FAULT})
    run.outcome(1, phase="compile", exit=1)
    run.done()

    assert run.indices == [1, 2, 0]
    assert {outcome.phase for outcome in run.outcomes} == {Phase.COMPILE}
    assert {outcome.report.fault.type for outcome in run.outcomes} == {"ValueError"}


def test_program_that_does_not_load_has_that_outcome_for_its_probes_only():
    run = Run(PROBE, STDIO, PROBE)

    run.say(frames.LAST_WORDS, 0, {"fault": FAULT})
    run.outcome(0, phase="load", exit=1)
    run.outcome(1, exit=0)
    run.done()

    assert run.indices == [0, 2, 1]
    assert [outcome.phase for outcome in run.outcomes] == [Phase.LOAD, Phase.LOAD, Phase.TEST]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"exit": 3}, (3, None, None, False)),
        ({"signal": 11}, (None, 11, None, False)),
        ({"limit": "wall", "exit": 0}, (None, None, LimitHit.WALL, False)),
        ({"limit": "total"}, (None, None, LimitHit.TOTAL, False)),
        ({"tampered": True, "exit": 0}, (None, None, None, True)),
        ({"tampered": True, "limit": "cpu"}, (None, None, None, True)),
    ],
)
def test_exactly_one_ending_is_told(data, expected):
    run = Run(STDIO)

    run.outcome(0, **data)

    (outcome,) = run.outcomes
    ending = (outcome.exit_code, outcome.signal, outcome.limit_hit, outcome.tampered)
    assert ending == expected


def test_stack_of_a_timeout_is_told_innermost_last():
    run = Run(STDIO)

    run.say(
        frames.STACK,
        0,
        b"Current thread 0x00007f (most recent call first):\n"
        b'  File "/tmp/work/main.py", line 2 in spin\n'
        b'  File "/usr/lib/python3.13/json/__init__.py", line 9 in loads\n'
        b'  File "/tmp/work/main.py", line 5 in <module>\n',
    )
    run.outcome(0, limit="wall")

    assert [(frame.function, frame.line) for frame in run.outcomes[0].stack] == [
        ("<module>", 5),
        ("spin", 2),
    ]


@given(st.binary(max_size=500))
def test_any_bytes_are_a_stack_of_bounded_size(text):
    assert len(parse_stack(text)) <= 64


def test_stack_without_end_is_cut():
    assert len(parse_stack(b'  File "/tmp/work/main.py", line 2 in f\n' * 100_000)) == 64


def test_no_test_is_handed_over_once_no_more_is_wanted():
    run = Run(PROBE, PROBE, PROBE, proceed=lambda _: False)

    for index in range(3):
        run.say(frames.REPORT, index, {"values": [1]})
    run.done()

    assert run.indices == [0]
    assert not run.collector.gave_up


def test_runner_that_gave_up_with_tests_left_is_known():
    run = Run(PROBE, PROBE)

    run.say(frames.REPORT, 0, {"values": [1]})
    run.done("a process would not die")

    assert run.collector.gave_up


def test_stepwise_runner_is_told_after_every_test_but_the_last():
    run = Run(PROBE, PROBE, STDIO, stepwise=True)

    run.say(frames.REPORT, 0, {"values": [1]})
    run.say(frames.REPORT, 1, {"values": [1]})
    run.outcome(2, exit=0)

    assert run.words == ["go", "go"]


def test_stepwise_runner_is_told_to_stop():
    run = Run(PROBE, PROBE, stepwise=True, proceed=lambda outcome: False)

    run.say(frames.REPORT, 0, {"values": [1]})

    assert run.words == ["stop"]


@pytest.mark.parametrize(("phase", "words"), [("compile", []), ("load", ["go"])])
def test_stepwise_runner_is_told_once_for_tests_that_share_an_outcome(phase, words):
    """After a compile error the runner ends; after a failed load it waits before stdio runs."""
    run = Run(PROBE, PROBE, STDIO, stepwise=True)

    run.outcome(0, phase=phase, exit=1)

    assert run.words == words


@given(
    st.lists(
        st.tuples(
            st.sampled_from(range(frames.HELLO, frames.PONG + 1)),
            st.integers(0, 3),
            st.one_of(
                st.binary(max_size=30),
                st.sampled_from(
                    [
                        b"{}",
                        b'{"values": [1]}',
                        b'{"phase": "test", "exit": 0}',
                        b'{"limit": "cpu"}',
                    ]
                ),
            ),
        ),
        max_size=20,
    )
)
def test_no_sequence_of_frames_hands_a_test_over_twice_or_out_of_order(sequence):
    run = Run(PROBE, STDIO, PROBE)
    try:
        for kind, index, payload in sequence:
            run.say(kind, index, payload)
    except (ProtocolError, ValueError):
        pass

    assert run.indices == [0, 2, 1][: len(run.indices)]
