"""One run after the other in one sandbox: answers, cancellation, loss, and doubt."""

import asyncio

import pytest

from rltf_executor.errors import (
    IsolationError,
    RunnerMismatchError,
    SandboxLostError,
    SandboxUnavailableError,
)
from rltf_executor.sandbox import frames
from rltf_executor.sandbox import session as session_module
from rltf_executor.sandbox.base import Evaluate, Plan, Probe, StdioRun
from rltf_executor.sandbox.channel import Channel
from rltf_executor.sandbox.session import SetupFailedError, WarmSandbox
from rltf_executor.schema import Limits

PLAN = Plan(source="", tests=(StdioRun(stdin=b""),), limits=Limits(total_s=5))
EXITED = {"phase": "test", "exit": 0, "wall_ms": 1.0, "cpu_ms": 1.0, "memory_kb": 1}


def run(scripted, plan=PLAN, outcomes=None):
    received = outcomes if outcomes is not None else []
    return asyncio.create_task(
        scripted.sandbox.run(plan, lambda outcome: received.append(outcome) or True)
    )


async def finish(scripted):
    """Answer the run that was asked for."""
    scripted.stream.say(frames.OUTCOME, 0, EXITED)
    scripted.stream.say(frames.DONE, 0, {"condemned": None})


async def test_run_hands_over_outcomes_and_ends(scripted):
    outcomes = []
    running = run(scripted, outcomes=outcomes)
    request = await scripted.stream.next_request()
    await finish(scripted)

    assert await running >= 0
    assert request["op"] == "run"
    assert [outcome.exit_code for outcome in outcomes] == [0]
    assert scripted.sandbox.usable
    assert scripted.sandbox.num_runs == 1


async def test_runs_follow_each_other(scripted):
    for _ in range(3):
        running = run(scripted)
        await scripted.stream.next_request()
        await finish(scripted)
        await running

    assert scripted.sandbox.num_runs == 3
    assert scripted.sandbox.usable


async def test_stream_that_ends_during_a_run_is_a_loss(scripted):
    running = run(scripted)
    await scripted.stream.next_request()
    scripted.stream.lose()

    with pytest.raises(SandboxLostError, match="stream closed"):
        await running
    assert not scripted.sandbox.usable


async def test_stream_that_ended_before_a_run_is_a_loss(scripted):
    scripted.stream.lose()
    await asyncio.sleep(0)

    with pytest.raises(SandboxLostError):
        await run(scripted)
    assert scripted.sandbox.condemned == "lost"


async def test_silence_beyond_the_limits_is_a_loss(scripted, monkeypatch):
    monkeypatch.setattr(session_module, "_ANSWER_GRACE_S", 0.0)
    plan = Plan(source="", tests=(StdioRun(stdin=b""),), limits=Limits(total_s=0.05))

    with pytest.raises(SandboxLostError, match="fell silent"):
        await run(scripted, plan)
    assert scripted.sandbox.condemned == "silent"


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (frames.HELLO, b"{}"),
        (frames.PONG, b""),
        (frames.OUTCOME, b"nonsense"),
        (frames.DONE, b"[]"),
    ],
)
async def test_frame_that_cannot_come_during_a_run_is_a_loss(scripted, kind, payload):
    running = run(scripted)
    await scripted.stream.next_request()
    scripted.stream.say(kind, 0, payload)

    with pytest.raises(SandboxLostError, match="out of step"):
        await running
    assert not scripted.sandbox.usable


async def test_frame_while_idle_condemns(scripted):
    scripted.stream.say(frames.STDOUT, 0, b"psst")

    assert not scripted.sandbox.usable


async def test_runners_own_doubt_condemns(scripted):
    running = run(scripted)
    await scripted.stream.next_request()
    scripted.stream.say(frames.OUTCOME, 0, EXITED)
    scripted.stream.say(frames.DONE, 0, {"condemned": "a process would not die"})
    await running

    assert scripted.sandbox.condemned == "a process would not die"
    assert not scripted.sandbox.usable


async def test_runner_that_gives_up_before_the_end_is_a_loss(scripted):
    running = run(scripted)
    await scripted.stream.next_request()
    scripted.stream.say(frames.DONE, 0, {"condemned": "a process would not die"})

    with pytest.raises(SandboxLostError, match="would not die"):
        await running


async def test_failed_setup_is_a_loss_of_its_own_kind(scripted):
    running = run(scripted)
    await scripted.stream.next_request()
    scripted.stream.say(frames.DONE, 0, {"condemned": "setup"})

    with pytest.raises(SetupFailedError):
        await running
    assert not scripted.sandbox.usable


async def test_fault_of_the_judge_condemns_the_sandbox_in_which_a_plan_still_runs(scripted):
    def fail(_outcome):
        raise KeyError("a fault of ours")

    running = asyncio.create_task(scripted.sandbox.run(PLAN, fail))
    await scripted.stream.next_request()
    scripted.stream.say(frames.OUTCOME, 0, EXITED)

    with pytest.raises(KeyError):
        await running
    assert not scripted.sandbox.usable


async def test_cancelled_run_is_called_off_and_the_sandbox_stays_good(scripted):
    running = run(scripted)
    await scripted.stream.next_request()
    running.cancel()
    assert (await scripted.stream.next_request())["op"] == "cancel"
    scripted.stream.say(frames.STDOUT, 0, b"what was on its way")
    scripted.stream.say(frames.OUTCOME, 0, EXITED)
    scripted.stream.say(frames.DONE, 0, {"condemned": None})

    with pytest.raises(asyncio.CancelledError):
        await running
    assert scripted.sandbox.usable
    again = run(scripted)
    await scripted.stream.next_request()
    await finish(scripted)
    await again


async def test_cancelled_run_hands_nothing_over_any_more(scripted):
    outcomes = []
    running = run(scripted, outcomes=outcomes)
    await scripted.stream.next_request()
    running.cancel()
    await scripted.stream.next_request()
    await finish(scripted)
    await asyncio.gather(running, return_exceptions=True)

    assert outcomes == []


async def test_doubt_that_ends_a_cancelled_run_condemns(scripted):
    running = run(scripted)
    await scripted.stream.next_request()
    running.cancel()
    await scripted.stream.next_request()
    scripted.stream.say(frames.DONE, 0, {"condemned": "a process would not die"})
    await asyncio.gather(running, return_exceptions=True)

    assert not scripted.sandbox.usable


async def test_runner_that_does_not_cancel_is_condemned(scripted, monkeypatch):
    monkeypatch.setattr(session_module, "_CANCEL_S", 0.02)
    running = run(scripted)
    await scripted.stream.next_request()

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert running.cancelled()
    assert scripted.sandbox.condemned == "would not cancel"


async def test_cancelled_twice_a_run_waits_no_longer(scripted):
    running = run(scripted)
    await scripted.stream.next_request()
    running.cancel()
    await scripted.stream.next_request()

    running.cancel()
    async with asyncio.timeout(1):
        await asyncio.gather(running, return_exceptions=True)

    assert not scripted.sandbox.usable


async def test_run_cancelled_in_the_moment_it_ends_leaves_the_sandbox_good(scripted):
    running = run(scripted)
    await scripted.stream.next_request()
    await finish(scripted)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert scripted.sandbox.usable
    assert [request["op"] for request in scripted.stream.requests] == ["run"]


async def test_stream_that_ends_while_a_run_is_called_off_condemns(scripted):
    running = run(scripted)
    await scripted.stream.next_request()
    running.cancel()
    await scripted.stream.next_request()
    scripted.stream.lose()
    await asyncio.gather(running, return_exceptions=True)

    assert not scripted.sandbox.usable


async def test_stepwise_run_says_go_and_stop(scripted):
    plan = Plan(
        source="",
        tests=tuple(Probe(steps=(Evaluate(expressions=("1",)),)) for _ in range(3)),
        stepwise=True,
    )
    running = asyncio.create_task(scripted.sandbox.run(plan, lambda outcome: outcome.index == 0))
    await scripted.stream.next_request()
    scripted.stream.say(frames.REPORT, 0, {"values": [1]})
    scripted.stream.say(frames.REPORT, 1, {"values": [1]})
    scripted.stream.say(frames.DONE, 0, {"condemned": None})
    await running

    assert [request["op"] for request in scripted.stream.requests] == ["run", "go", "stop"]


async def test_idle_runner_is_asked_for_a_sign_of_life(scripted):
    assert await scripted.sandbox.answers(1.0)
    assert await scripted.sandbox.answers(1.0)
    assert scripted.sandbox.usable


async def test_sign_of_life_may_come_late_even_during_a_run(scripted):
    scripted.stream.is_mute = True
    assert not await scripted.sandbox.answers(0.01)
    assert not await scripted.sandbox.answers(0.01)  # still the same question
    running = run(scripted)
    await scripted.stream.next_request()
    scripted.stream.say(frames.PONG)
    await finish(scripted)
    await running

    assert scripted.sandbox.usable


async def test_sign_of_life_nobody_asked_for_condemns(scripted):
    scripted.stream.say(frames.PONG)

    assert not scripted.sandbox.usable


async def test_lost_runner_gives_no_sign_of_life(scripted):
    scripted.stream.is_mute = True
    asking = asyncio.create_task(scripted.sandbox.answers(5.0))
    await asyncio.sleep(0)
    scripted.stream.lose()

    async with asyncio.timeout(1):
        assert not await asking


async def test_memory_limit_is_set_only_where_it_differs(scripted):
    for memory_mb in (64, 64, 128, 64):
        await scripted.sandbox.limit_memory(memory_mb)

    assert scripted.limits == [64, 128, 64]


async def test_large_plan_gets_room_beside_the_programs_memory(scripted):
    megabyte = 1024 * 1024
    tests = (StdioRun(stdin=b"x" * 8 * megabyte), StdioRun(stdin=b"x" * 4 * megabyte))
    plan = Plan(source="", tests=tests, limits=Limits(memory_mb=64))
    await scripted.sandbox.limit_memory(64)
    running = run(scripted, plan)
    await scripted.stream.next_request()
    running.cancel()
    await scripted.stream.next_request()
    scripted.stream.say(frames.DONE, 0, {"condemned": None})
    await asyncio.gather(running, return_exceptions=True)

    # 12 MiB held by the runner, 8 MiB in the largest stdin, and the started MiB of the header
    assert scripted.limits == [64, 64 + 12 + 8 + 1]


async def test_large_plan_without_room_is_a_failed_setup(scripted):
    scripted.limit_error = SandboxUnavailableError("no")
    plan = Plan(source="", tests=(StdioRun(stdin=b"x" * 8_000_000),))

    with pytest.raises(SetupFailedError):
        await run(scripted, plan)
    assert not scripted.sandbox.usable


async def test_closing_twice_destroys_once(scripted):
    await asyncio.gather(scripted.sandbox.close(), scripted.sandbox.close())
    await scripted.sandbox.close()

    assert scripted.num_destroyed == 1
    assert not scripted.sandbox.usable


async def test_close_that_is_cancelled_goes_on(scripted):
    going = asyncio.Event()
    destroyed = []

    async def destroy():
        await going.wait()
        destroyed.append(True)

    scripted.sandbox._destroy = destroy
    closing = asyncio.create_task(scripted.sandbox.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)
    going.set()

    await scripted.sandbox.close()

    assert destroyed == [True]


async def test_close_during_a_run_ends_it(scripted):
    running = run(scripted)
    await scripted.stream.next_request()
    await scripted.sandbox.close()

    with pytest.raises(SandboxLostError):
        await running


async def greeted_with(hello):
    channel = Channel(multiplexed=False)

    async def destroy():
        return

    sandbox = WarmSandbox("new", channel, destroy)
    if isinstance(hello, Exception):
        channel.connection_lost(hello)
    elif hello is not None:
        sandbox._take_frame(frames.HELLO, 0, hello)
    await sandbox.greet(0.05, backend="scripted", runtime="none")


async def test_greeting_says_what_the_sandbox_is(scripted):
    await scripted.sandbox.greet(1.0, backend="docker", runtime="runc")

    assert scripted.sandbox.isolation.model_dump() == {
        "backend": "docker",
        "runtime": "runc",
        "level": "namespaces",
    }
    assert scripted.sandbox.runtime.version == "3.13.1"
    assert scripted.sandbox.runtime.packages == {"x": "1"}


@pytest.mark.parametrize(
    ("hello", "error"),
    [
        (None, SandboxUnavailableError),  # says nothing
        (ConnectionResetError(), SandboxUnavailableError),
        (b"nonsense", SandboxUnavailableError),
        (b'{"refused": "namespaces: [Errno 1] unshare"}', IsolationError),
        (b'{"runner": "of another version"}', RunnerMismatchError),
    ],
)
async def test_sandbox_that_does_not_greet_right_is_unavailable(hello, error):
    with pytest.raises(SandboxUnavailableError) as caught:
        await greeted_with(hello)

    assert type(caught.value) is error


async def test_frame_before_the_greeting_is_refused():
    sandbox = WarmSandbox("new", Channel(multiplexed=False), None)

    with pytest.raises(frames.ProtocolError):
        sandbox._take_frame(frames.DONE, 0, b"{}")


async def test_run_is_answered_at_its_last_outcome(scripted):
    running = run(scripted)
    await scripted.stream.next_request()
    scripted.stream.say(frames.OUTCOME, 0, EXITED)
    await running

    assert not scripted.sandbox.is_settled
    scripted.stream.say(frames.DONE, 0, {"condemned": None})
    await scripted.sandbox.settle()
    assert scripted.sandbox.is_settled
    assert scripted.sandbox.usable


async def test_doubt_after_the_answer_condemns(scripted):
    running = run(scripted)
    await scripted.stream.next_request()
    scripted.stream.say(frames.OUTCOME, 0, EXITED)
    await running
    scripted.stream.say(frames.DONE, 0, {"condemned": "a process would not die"})
    await scripted.sandbox.settle()

    assert scripted.sandbox.condemned == "a process would not die"


async def test_frame_between_the_answer_and_the_end_is_a_loss(scripted):
    running = run(scripted)
    await scripted.stream.next_request()
    scripted.stream.say(frames.OUTCOME, 0, EXITED)
    await running
    scripted.stream.say(frames.STDOUT, 0, b"psst")
    await scripted.sandbox.settle()

    assert not scripted.sandbox.usable


async def test_sandbox_that_does_not_end_what_it_answered_is_condemned(scripted, monkeypatch):
    monkeypatch.setattr(session_module, "_SETTLE_S", 0.0)
    running = run(scripted)
    await scripted.stream.next_request()
    scripted.stream.say(frames.OUTCOME, 0, EXITED)
    await running
    await scripted.sandbox.settle()

    assert scripted.sandbox.condemned == "would not end"
