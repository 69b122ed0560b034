import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from rltf_executor.client import (
    AsyncExecutorClient,
    AuthenticationError,
    ExecutorRefusedError,
    ExecutorUnavailableError,
    ProtocolVersionError,
    RetryPolicy,
    SubmissionEncodingError,
    Timeouts,
    UnexpectedAnswerError,
)
from rltf_executor.schema import CallTest, Limits, Submission

Connect = Callable[..., AsyncExecutorClient]
VERSION = {"X-RLTF-Version": "1.0"}
LOST = httpx.ReadError("gone")


def numbered(count: int) -> list[Submission]:
    return [Submission(id=str(number), source="") for number in range(count)]


async def test_a_submission_gets_its_result(executor: Any, connect: Connect):
    async with connect(token="abc") as client:
        result = await client.execute(Submission(id="é", source="verdict=wrong_answer"))

    assert (result.id, result.verdict) == ("é", "wrong_answer")
    assert executor.requests[0].headers["Authorization"] == "Bearer abc"


async def test_an_idle_client_sends_no_authorization_without_a_token(
    executor: Any, connect: Connect
):
    async with connect() as client:
        await client.execute(Submission(source=""))

    assert "Authorization" not in executor.requests[0].headers


@pytest.mark.parametrize(
    "fault",
    [
        LOST,
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("late"),
        httpx.RemoteProtocolError("half an answer"),
        httpx.Response(502, text="<html>bad gateway</html>"),
        httpx.Response(503, headers=VERSION),
        httpx.Response(408, headers=VERSION),
        httpx.Response(429, headers=VERSION | {"Retry-After": "0"}),
        httpx.Response(500),
    ],
    ids=repr,
)
async def test_what_another_try_may_mend_is_tried_again(
    fault: Exception | httpx.Response, executor: Any, connect: Connect
):
    executor.script = [fault, fault]
    async with connect() as client:
        result = await client.execute(Submission(source=""))

    assert result.verdict == "passed"
    assert len(executor.requests) == 3


@pytest.mark.parametrize(
    "verdict",
    [
        "syntax_error",
        "security_violation",
        "runtime_error",
        "timeout",
        "memory_limit",
        "output_limit",
        "wrong_answer",
        "skipped",
        "passed",
    ],
)
async def test_no_verdict_but_internal_error_is_sent_again(
    verdict: str, executor: Any, connect: Connect
):
    async with connect() as client:
        await client.execute(Submission(source=f"verdict={verdict}"))
        await client.execute_batch([Submission(source=f"verdict={verdict}")])

    assert len(executor.requests) == 2


async def test_an_internal_error_is_sent_again_and_returned_if_it_stays(
    executor: Any, connect: Connect
):
    async with connect() as client:
        result = await client.execute(Submission(source="verdict=internal_error"))

    assert result.verdict == "internal_error"
    assert len(executor.requests) == 3  # the first and max_internal_errors = 2 more


async def test_of_a_batch_only_internal_errors_are_sent_again(executor: Any, connect: Connect):
    submissions = [*numbered(2), Submission(id="2", source="verdict=internal_error")]
    async with connect() as client:
        results = await client.execute_batch(submissions)

    assert [result.id for result in results] == ["0", "1", "2"]
    assert [[each["id"] for each in batch] for batch in executor.batches()] == [
        ["0", "1", "2"],
        ["2"],
        ["2"],
    ]


async def test_a_dead_executor_is_an_error_that_names_the_url_and_the_fault(
    executor: Any, connect: Connect
):
    executor.script = [httpx.ConnectError("connection refused")] * 4
    async with connect("http://a.test:8000") as client:
        with pytest.raises(
            ExecutorUnavailableError, match=r"http://a\.test:8000: ConnectError: connection refused"
        ):
            await client.execute(Submission(source=""))

    assert len(executor.requests) == 4


async def test_a_full_queue_is_waited_for_as_long_as_it_asks(executor: Any, connect: Connect):
    executor.script = [executor.problem(429, **{"Retry-After": "1"})]
    loop = asyncio.get_running_loop()
    async with connect() as client:
        started = loop.time()
        await client.execute(Submission(source=""))

    assert loop.time() - started >= 1.0


async def test_a_queue_smaller_than_the_batch_is_fed_in_parts(executor: Any, connect: Connect):
    def room_for_three(request: httpx.Request) -> httpx.Response:
        is_full = len(json.loads(request.content)["submissions"]) > 3
        return executor.problem(429, "queue full") if is_full else executor.judge(request)

    executor.script = [room_for_three] * 40
    async with connect() as client:
        results = await client.execute_batch(numbered(16))

    assert [result.id for result in results] == [str(number) for number in range(16)]


async def test_patience_with_a_full_queue_ends(executor: Any, connect: Connect):
    executor.script = [executor.problem(429, "queue full", **{"Retry-After": "61"})]
    async with connect(retry=RetryPolicy(overload_patience_s=60.0)) as client:
        with pytest.raises(ExecutorUnavailableError, match="queue full"):
            await client.execute(Submission(source=""))


async def test_a_failed_url_is_left_for_one_that_works(executor: Any, connect: Connect):
    def only_b(request: httpx.Request) -> httpx.Response:
        if request.url.host == "a.test":
            raise httpx.ConnectError("refused")
        return executor.judge(request)

    executor.script = [only_b] * 20
    async with connect(["http://a.test", "http://b.test"]) as client:
        for _ in range(10):
            await client.execute(Submission(source=""))

    assert executor.hosts.count("b.test") == 10
    assert executor.hosts.count("a.test") <= 1


async def test_a_wrong_token_is_not_tried_again(executor: Any, connect: Connect):
    executor.script = [executor.problem(401, "wrong token")]
    async with connect() as client:
        with pytest.raises(
            AuthenticationError, match=r"http://a\.test answered 401 no: wrong token"
        ):
            await client.execute(Submission(source=""))


async def test_a_refusal_carries_the_problem_and_shows_its_fields(executor: Any, connect: Connect):
    body = executor.refusal(422) | {"errors": [{"field": "limits.memory_mb", "message": "0 < 16"}]}
    executor.script = [httpx.Response(422, json=body, headers=VERSION)]
    async with connect() as client:
        with pytest.raises(ExecutorRefusedError, match=r"limits\.memory_mb: 0 < 16") as caught:
            await client.execute(Submission(source=""))

    assert caught.value.problem.status == 422


async def test_a_proxys_error_page_becomes_problem_details(executor: Any, connect: Connect):
    executor.script = [httpx.Response(404, text="<h1>nginx</h1>")]
    async with connect() as client:
        with pytest.raises(ExecutorRefusedError, match=r"404 Not Found: <h1>nginx</h1>"):
            await client.execute(Submission(source=""))


@pytest.mark.parametrize("status", [200, 422, 503])
async def test_another_major_version_is_refused_and_both_are_named(
    status: int, executor: Any, connect: Connect
):
    executor.script = [httpx.Response(status, json={}, headers={"X-RLTF-Version": "2.3"})]
    async with connect() as client:
        with pytest.raises(ProtocolVersionError, match=r"2\.3.*1\.0"):
            await client.execute(Submission(source=""))

    assert len(executor.requests) == 1


async def test_another_minor_version_is_welcome(executor: Any, connect: Connect):
    answer = executor.result({"id": None}) | {"added_in_1_9": True}
    executor.script = [httpx.Response(200, json=answer, headers={"X-RLTF-Version": "1.9"})]
    async with connect() as client:
        assert (await client.execute(Submission(source=""))).verdict == "passed"


async def test_something_that_is_no_executor_is_said_to_be_none(executor: Any, connect: Connect):
    executor.script = [httpx.Response(200, text="It works!")]
    async with connect() as client:
        with pytest.raises(ProtocolVersionError, match="no rltf executor"):
            await client.execute(Submission(source=""))


@pytest.mark.parametrize("answer", [b"", b"null", b"{}", b"not json", b'{"verdict":"sublime"}'])
async def test_an_answer_outside_the_contract_is_an_error(
    answer: bytes, executor: Any, connect: Connect
):
    executor.script = [httpx.Response(200, content=answer, headers=VERSION)]
    async with connect() as client:
        with pytest.raises(UnexpectedAnswerError, match=r"http://a\.test"):
            await client.execute(Submission(source=""))


async def test_results_of_any_number_of_submissions_come_in_order(executor: Any, connect: Connect):
    async with connect(batch_size=100) as client:
        results = await client.execute_batch(numbered(1050))

    assert [result.id for result in results] == [str(number) for number in range(1050)]
    assert sorted(map(len, executor.batches())) == [50] + [100] * 10


async def test_nothing_to_judge_asks_nobody(executor: Any, connect: Connect):
    async with connect() as client:
        assert await client.execute_batch([]) == []

    assert executor.requests == []


async def test_a_batch_is_shared_among_urls(executor: Any, connect: Connect):
    async with connect(["http://a.test", "http://b.test"]) as client:
        await client.execute_batch(numbered(10))

    assert sorted(executor.hosts) == ["a.test", "b.test"]
    assert [len(batch) for batch in executor.batches()] == [5, 5]


async def test_requests_stay_within_the_body_bound(executor: Any, connect: Connect):
    async with connect(max_body_bytes=1000) as client:
        await client.execute_batch([Submission(source="x" * 300)] * 7)

    assert all(len(request.content) <= 1000 for request in executor.requests)
    assert sum(map(len, executor.batches())) == 7


async def test_after_a_lost_connection_only_what_is_missing_is_sent_again(
    executor: Any, connect: Connect
):
    def half(request: httpx.Request) -> httpx.Response:
        async def body() -> AsyncIterator[bytes]:
            for index in (2, 0):
                entry = {"index": index, "result": executor.result({"id": str(index)})}
                yield json.dumps(entry).encode() + b"\n"
            raise LOST

        return httpx.Response(200, content=body(), headers=VERSION)

    executor.script = [half]
    async with connect() as client:
        results = await client.execute_batch(numbered(4))

    assert [result.id for result in results] == ["0", "1", "2", "3"]
    assert [each["id"] for each in executor.batches()[1]] == ["1", "3"]


@pytest.mark.parametrize("tail", [b"", b'{"index":1,"res'])
async def test_a_stream_that_ends_early_is_a_lost_connection(
    tail: bytes, executor: Any, connect: Connect
):
    executor.script = [executor.ndjson([(0, executor.result({"id": "0"}))], tail)]
    async with connect() as client:
        results = await client.execute_batch(numbered(2))

    assert [result.id for result in results] == ["0", "1"]


async def test_a_batch_that_loses_its_connection_often_but_gets_on_is_finished(
    executor: Any, connect: Connect
):
    executor.script = [executor.ndjson([(0, executor.result({}))]) for _ in range(19)]
    async with connect() as client:  # four failures in a row would be too many
        assert len(await client.execute_batch(numbered(20))) == 20


@pytest.mark.parametrize("index", [-1, 2, 0])
async def test_an_entry_nobody_asked_for_is_an_error(index: int, executor: Any, connect: Connect):
    passed = executor.result({})
    executor.script = [executor.ndjson([(0, passed), (index, passed)])]
    async with connect() as client:
        with pytest.raises(UnexpectedAnswerError, match="unasked"):
            await client.execute_batch(numbered(2))


async def test_a_refused_item_stands_in_its_place(executor: Any, connect: Connect):
    refused = {"id": "1", "problem": executor.refusal(422, "source: 2 bytes is more than 1")}
    executor.script = [executor.ndjson([(1, refused), (0, executor.result({"id": "0"}))])]
    async with connect() as client:
        first, second = await client.execute_batch(numbered(2))

    assert first.verdict == "passed"
    assert second.problem.detail == "source: 2 bytes is more than 1"


async def test_an_item_that_found_no_sandbox_is_sent_again(executor: Any, connect: Connect):
    busy = {"id": "0", "problem": executor.refusal(429, "no sandbox came free")}
    executor.script = [executor.ndjson([(0, busy), (1, executor.result({"id": "1"}))])]
    async with connect() as client:
        results = await client.execute_batch(numbered(2))

    assert [result.verdict for result in results] == ["passed", "passed"]


@pytest.mark.parametrize("status", [413, 422])
async def test_a_submission_for_which_a_batch_is_refused_costs_the_others_nothing(
    status: int, executor: Any, connect: Connect
):
    def refuse_seven(request: httpx.Request) -> httpx.Response:
        ids = [each["id"] for each in json.loads(request.content)["submissions"]]
        return executor.problem(status, "too much") if "7" in ids else executor.judge(request)

    executor.script = [refuse_seven] * 20
    async with connect() as client:
        results = await client.execute_batch(numbered(10))

    assert [result.id for result in results] == [str(number) for number in range(10)]
    assert [hasattr(result, "problem") for result in results] == [
        number == 7 for number in range(10)
    ]


async def test_a_value_without_json_is_refused_before_anything_is_sent(
    executor: Any, connect: Connect
):
    bad = CallTest(kind="call", function="f", expected=float("nan"))
    async with connect() as client:
        with pytest.raises(
            SubmissionEncodingError, match=r"submissions\[1\]\.tests\[0\]\.expected: nan"
        ):
            await client.execute_batch([Submission(source=""), Submission(source="", tests=[bad])])

    assert executor.requests == []


async def test_line_separators_of_unicode_do_not_cut_an_entry(executor: Any, connect: Connect):
    entry = executor.result({"id": "\u2028\x85\u2029"})
    line = json.dumps({"index": 0, "result": entry}, ensure_ascii=False) + "\n"
    executor.script = [httpx.Response(200, content=line.encode(), headers=VERSION)]
    async with connect() as client:
        (result,) = await client.execute_batch(numbered(1))

    assert result.id == "\u2028\x85\u2029"


async def test_no_more_requests_are_in_flight_than_allowed(connect: Connect, executor: Any):
    in_flight = highest = 0
    release = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        nonlocal in_flight, highest
        in_flight += 1
        highest = max(highest, in_flight)
        if in_flight == 3:
            release.set()
        await release.wait()
        await asyncio.sleep(0)
        in_flight -= 1
        return executor.judge(request)

    transport = httpx.MockTransport(slow)
    async with AsyncExecutorClient("http://a", max_concurrency=3, transport=transport) as client:
        async with asyncio.timeout(5):
            await asyncio.gather(*(client.execute(Submission(source="")) for _ in range(20)))

    assert highest == 3


async def test_leaving_a_stream_early_cancels_the_rest():
    cancelled = asyncio.Event()
    first = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        if not first.is_set():
            first.set()
            return _judged(request)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        raise AssertionError

    def _judged(request: httpx.Request) -> httpx.Response:
        entry = {
            "verdict": "passed",
            "passed": 1,
            "total": 1,
            "tests": [],
            "timing": {"queue_ms": 0, "run_ms": 0, "total_ms": 0},
            "isolation": {"backend": "", "runtime": "", "level": ""},
        }
        line = json.dumps({"index": 0, "result": entry}) + "\n"
        return httpx.Response(200, content=line.encode(), headers=VERSION)

    transport = httpx.MockTransport(answer)
    async with (
        asyncio.timeout(5),
        AsyncExecutorClient("http://a", batch_size=1, transport=transport) as client,
        aclosing(client.stream_batch(numbered(3))) as stream,
    ):
        async for _index, _entry in stream:
            break

    assert cancelled.is_set()


async def test_an_error_in_one_request_of_a_batch_ends_the_others(executor: Any):
    cancelled = 0

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal cancelled
        if json.loads(request.content)["submissions"][0]["id"] == "2":
            return executor.problem(401)
        try:
            await asyncio.Event().wait()
        finally:
            cancelled += 1
        raise AssertionError

    transport = httpx.MockTransport(answer)
    async with AsyncExecutorClient("http://a", batch_size=1, transport=transport) as client:
        async with asyncio.timeout(5):
            with pytest.raises(AuthenticationError):
                await client.execute_batch(numbered(3))

    assert cancelled == 2


async def test_an_executor_that_never_answers_is_a_timeout_not_a_hang():
    async def silence(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    client = AsyncExecutorClient(
        "http://a",
        timeouts=Timeouts(queue_s=0.0, write_s=0.0),
        retry=RetryPolicy(max_failures=1),
        transport=httpx.MockTransport(silence),
    )
    async with client, asyncio.timeout(5):
        with pytest.raises(ExecutorUnavailableError, match=r"no whole answer within 0\.1 s"):
            await client.execute(Submission(source="", limits=Limits(total_s=0.05)))


async def test_probes_say_of_every_url_whether_and_why_not(executor: Any, connect: Connect):
    executor.script = [executor.problem(503, "0 of 2 sandboxes are warm"), executor.judge]
    async with connect(["http://a.test", "http://b.test"]) as client:
        a, b = await client.readyz()

    assert (a.url, a.ok, b.url, b.ok) == ("http://a.test", False, "http://b.test", True)
    assert "0 of 2 sandboxes are warm" in a.detail


async def test_waiting_ends_as_soon_as_one_url_is_ready(executor: Any, connect: Connect):
    executor.script = [httpx.ConnectError("refused"), executor.problem(503)]
    async with connect() as client, asyncio.timeout(5):
        await client.wait_until_ready(timeout_s=5)

    assert [request.url.path for request in executor.requests] == ["/readyz"] * 3


async def test_waiting_in_vain_names_the_url_and_the_reason(executor: Any, connect: Connect):
    executor.script = [httpx.ConnectError("connection refused")] * 5
    async with connect() as client:
        with pytest.raises(
            ExecutorUnavailableError, match=r"within 0 s: http://a\.test: .*refused"
        ):
            await client.wait_until_ready(timeout_s=0)


async def test_waiting_for_a_host_that_swallows_packets_ends_in_time():
    async def silence(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    client = AsyncExecutorClient("http://a", transport=httpx.MockTransport(silence))
    async with client, asyncio.timeout(2):  # a probe alone may take 5 s
        with pytest.raises(ExecutorUnavailableError, match="no whole answer"):
            await client.wait_until_ready(timeout_s=0.1)


async def test_runtimes_are_listed(executor: Any, connect: Connect):
    executor.script = [
        httpx.Response(200, json=[{"language": "python", "version": "3.13.1"}], headers=VERSION)
    ]
    async with connect() as client:
        (runtime,) = await client.runtimes()

    assert (runtime.language, runtime.version) == ("python", "3.13.1")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_concurrency": 0}, "max_concurrency: 0 is less than 1"),
        ({"batch_size": 1025}, r"batch_size: 1025 is not in 1\.\.1024"),
        ({"token": "two words"}, "token: must be printable ASCII"),
        ({"token": ""}, "token: "),
        ({"token": "line\nbreak"}, "token: "),
    ],
)
def test_an_option_out_of_bounds_is_named(options: dict[str, Any], message: str, connect: Connect):
    with pytest.raises(ValueError, match=message):
        connect(**options)
