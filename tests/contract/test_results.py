"""What one side writes the other reads unchanged."""

from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rltf_executor.client import AsyncExecutorClient
from rltf_executor.schema import (
    AssertTest,
    CallTest,
    Checker,
    ErrorInfo,
    ExecutionResult,
    Frame,
    Limits,
    StdioTest,
    Submission,
    Verdict,
)

Serve = Callable[..., Any]

TEXT = st.text(st.characters(exclude_categories=[]), max_size=8)  # lone surrogates too
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
TESTS = (
    st.builds(StdioTest, kind=st.just("stdio"), stdin=TEXT, expected_stdout=TEXT)
    | st.builds(AssertTest, kind=st.just("assert"), code=TEXT)
    | st.builds(
        CallTest,
        kind=st.just("call"),
        function=st.sampled_from(["f", "Klasse.größe"]),
        args=st.lists(VALUES, max_size=3),
        kwargs=st.dictionaries(st.sampled_from(["a", "b"]), VALUES, max_size=2),
        expected=VALUES,
    )
)
LIMITS = st.builds(
    Limits,
    wall_s=st.floats(0.05, 120),
    cpu_s=st.none() | st.floats(0.05, 120),
    memory_mb=st.integers(16, 2048),
    output_kb=st.integers(1, 65536),
    processes=st.integers(1, 256),
    total_s=st.floats(0.05, 3600),
)
SUBMISSIONS = st.builds(
    Submission,
    id=st.none() | st.text(max_size=8),
    source=TEXT,
    tests=st.lists(TESTS, max_size=3),
    prelude=TEXT,
    setup=TEXT,
    limits=LIMITS,
    stop_on_failure=st.booleans(),
    fresh_process=st.booleans(),
    checker=st.none()
    | st.builds(
        Checker,
        kind=st.sampled_from(["exact", "lines", "tokens", "equal", "approx", "unordered"]),
        float_tolerance=st.none() | st.floats(0, 1),
    ),
    return_output=st.booleans(),
    return_coverage=st.booleans(),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(submissions=st.lists(SUBMISSIONS, min_size=1, max_size=4))
async def test_every_submission_reaches_the_judge_as_it_was(
    serve: Serve, judge: Any, submissions: list[Submission]
):
    async with serve() as client:
        judge.submissions.clear()
        await client.execute_batch(submissions)
        await client.execute(submissions[0])

    assert sorted(judge.submissions[:-1], key=repr) == sorted(submissions, key=repr)
    assert repr(judge.submissions[-1]) == repr(submissions[0])


@pytest.mark.parametrize("digits", [19, 4300, 5000])
async def test_ints_of_any_size_reach_the_judge_whole(digits: int, serve: Serve, judge: Any):
    value = 10**digits + 1
    test = CallTest(kind="call", function="f", args=[-value, [value]], expected={"n": value})
    async with serve() as client:
        await client.execute(Submission(source="", tests=[test]))
        await client.execute_batch([Submission(source="", tests=[test])])

    assert [submission.tests for submission in judge.submissions] == [[test], [test]]


@pytest.mark.parametrize("verdict", [each for each in Verdict if each != "internal_error"])
async def test_every_field_of_a_result_comes_back(verdict: Verdict, serve: Serve, judge: Any):
    error = ErrorInfo(
        type="ZeroDivisionError",
        message="division by zero \u2028 \\ud800",
        line=7,
        column=12,
        end_line=7,
        end_column=17,
        source_line="    return total / count",
        frames=[Frame(function="<module>", line=12), Frame(function="größe", line=7)],
    )
    answers: list[ExecutionResult] = []

    async def answer(submission: Submission) -> ExecutionResult:
        answers.append(
            judge.result(
                submission,
                verdict,
                error=error,
                stdout="\x00\u2029é",
                stderr="",
                value={"a": [1, 1.5, None, 2**70]},
                exit_code=1,
                signal=None,
                wall_ms=3.125,
                cpu_ms=2.25,
                memory_kb=9120,
                executed_lines=[1, 2],
                graded="inside",
                flags=["frame_walk"],
            )
        )
        return answers[-1]

    judge.answer = answer
    async with serve() as client:
        alone = await client.execute(Submission(id="ü", source=""))
        (batched,) = await client.execute_batch([Submission(id="ü", source="")])

    assert [alone, batched] == answers


async def test_more_submissions_than_a_batch_holds_come_back_in_order(serve: Serve):
    submissions = [Submission(id=str(number), source="") for number in range(1500)]
    async with serve({"batch_size": 1024}) as client:
        results = await client.execute_batch(submissions)

    assert [result.id for result in results] == [str(number) for number in range(1500)]


async def test_a_stream_gives_every_index_once(serve: Serve):
    submissions = [Submission(id=str(number), source="") for number in range(100)]
    async with (
        serve({"batch_size": 7}) as client,
        aclosing(client.stream_batch(submissions)) as stream,
    ):
        entries = [(index, entry.id) async for index, entry in stream]

    assert sorted(entries) == sorted((number, str(number)) for number in range(100))


async def test_runtimes_are_those_of_the_pool(serve: Serve, pool: Any):
    async with serve() as client:
        assert await client.runtimes() == [pool.runtime]


def test_both_clients_have_the_same_options_and_calls():
    import inspect

    from rltf_executor.client import ExecutorClient

    asynchronous = inspect.signature(AsyncExecutorClient).parameters
    synchronous = inspect.signature(ExecutorClient).parameters
    assert asynchronous == synchronous
    calls = {name for name in vars(AsyncExecutorClient) if not name.startswith("_")} - {"aclose"}
    assert calls == {name for name in vars(ExecutorClient) if not name.startswith("_")} - {"close"}
