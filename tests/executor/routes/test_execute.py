import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI

from rltf_executor.errors import PoolTimeoutError, ShuttingDownError
from rltf_executor.schema import ExecutionResult, Submission, Verdict

Start = Callable[..., Any]
NDJSON = {"accept": "application/x-ndjson"}


def numbered(count: int) -> dict[str, Any]:
    return {"submissions": [{"id": str(number), "source": ""} for number in range(count)]}


async def forever(_submission: Submission) -> ExecutionResult:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_submission_is_answered_with_its_result(start: Start):
    async with start() as client:
        answer = await client.post("/execute", json={"id": "a", "source": ""})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert ExecutionResult.model_validate(answer.json()).id == "a"


async def test_a_batch_is_answered_in_order_however_it_finishes(start: Start, judge: Any):
    async def last_first(submission: Submission) -> ExecutionResult:
        for _ in range(20 - int(submission.id or 0)):
            await asyncio.sleep(0)
        return judge.result(submission)

    judge.answer = last_first
    async with start() as client:
        answer = await client.post("/execute/batch", json=numbered(20))

    assert [result["id"] for result in answer.json()["results"]] == [str(n) for n in range(20)]


async def test_a_streamed_batch_has_every_index_once(start: Start, judge: Any):
    body = numbered(30)
    body["submissions"][7] = {"id": "bad"}
    async with start() as client:
        answer = await client.post("/execute/batch", json=body, headers=NDJSON)

    assert answer.headers["content-type"].startswith("application/x-ndjson")
    items = [json.loads(line) for line in answer.text.splitlines()]
    assert sorted(item["index"] for item in items) == list(range(30))
    assert all(
        item["result"]["id"] == (str(item["index"]) if item["index"] != 7 else "bad")
        for item in items
    )
    assert next(item for item in items if item["index"] == 7)["result"]["problem"]["status"] == 422


async def test_a_line_is_sent_when_its_submission_is_done(
    make_app: Callable[..., FastAPI], judge: Any
):
    gate = asyncio.Event()

    async def first_waits(submission: Submission) -> ExecutionResult:
        if submission.id == "0":
            await gate.wait()
        return judge.result(submission)

    judge.answer = first_waits
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if len(indexes()) == 2:
            gate.set()  # the first is let go only once both others have been sent

    def indexes() -> list[int]:
        lines = b"".join(part.get("body", b"") for part in sent).splitlines()
        return [json.loads(line)["index"] for line in lines]

    async with asyncio.timeout(5):
        await raw_request(make_app(), "/execute/batch", numbered(3), send, NDJSON)

    assert sorted(indexes()[:2]) == [1, 2]
    assert indexes()[2] == 0


async def raw_request(
    app: FastAPI,
    path: str,
    body: Any,
    send: Callable[[dict[str, Any]], Any],
    headers: dict[str, str] | None = None,
    leave: asyncio.Event | None = None,
) -> None:
    """One request below HTTP; the client leaves when ``leave`` is set."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
    }
    messages = [{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await (leave or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async with app.router.lifespan_context(app):
        await app(scope, receive, send)


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/execute", {"source": ""}, {}),
        ("/execute/batch", numbered(50), {}),
        ("/execute/batch", numbered(50), NDJSON),
    ],
)
async def test_a_client_that_leaves_takes_its_work_along(
    path: str,
    body: Any,
    headers: dict[str, str],
    make_app: Callable[..., FastAPI],
    judge: Any,
):
    judge.answer = forever
    leave = asyncio.Event()
    app = make_app()

    async def send(_message: dict[str, Any]) -> None:
        pass

    async def leave_once_started() -> None:
        await judge.any_started.wait()
        leave.set()

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(leave_once_started())
        group.create_task(raw_request(app, path, body, send, headers, leave))

    assert judge.num_now == 0
    assert judge.num_cancelled == len(judge.started) <= 4
    assert app.state.service.admission.num_admitted == 0
    assert b"rltf_abandoned_total 1.0" in app.state.service.metrics.render()


async def test_a_batch_that_does_not_fit_is_refused_whole(start: Start, judge: Any):
    async with start(queue={"max_submissions": 4}) as client:
        refused = await client.post("/execute/batch", json=numbered(5))
        assert judge.started == []
        taken = await client.post("/execute/batch", json=numbered(4))

    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["type"] == "urn:rltf:problem:queue-full"
    assert refused.json()["detail"] == (
        "queue.max_submissions: 5 more submissions do not fit, 4 of 4 places are free"
    )
    assert taken.status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (PoolTimeoutError("none came free", retry_after_s=2.5), 429, "no-sandbox"),
        (ShuttingDownError("closing"), 503, "shutting-down"),
    ],
)
async def test_a_lack_of_sandboxes_is_no_verdict(
    fault: Exception, status: int, kind: str, start: Start, judge: Any
):
    async def fail(_submission: Submission) -> ExecutionResult:
        raise fault

    judge.answer = fail
    async with start() as client:
        answer = await client.post("/execute", json={"source": ""})

    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:rltf:problem:{kind}")
    assert answer.headers["retry-after"] == ("3" if status == 429 else "1")


async def test_in_a_batch_it_costs_no_other_submission(start: Start, judge: Any):
    async def fail_one(submission: Submission) -> ExecutionResult:
        if submission.id == "1":
            raise PoolTimeoutError("none came free")
        return judge.result(submission)

    judge.answer = fail_one
    async with start() as client:
        answer = await client.post("/execute/batch", json=numbered(3))

    results = [ExecutionResult.model_validate(result) for result in answer.json()["results"]]
    assert [result.verdict for result in results] == ["passed", "internal_error", "passed"]
    assert results[1].error is not None
    assert (results[1].error.type, results[1].error.message) == (
        "PoolTimeoutError",
        "none came free",
    )


async def test_a_fault_of_ours_is_an_internal_error_and_its_words_reach_nobody(
    start: Start, judge: Any, caplog: pytest.LogCaptureFixture
):
    async def fail(submission: Submission) -> ExecutionResult:
        raise KeyError(submission.source)

    judge.answer = fail
    async with start() as client:
        answer = await client.post(
            "/execute", json={"source": "secret", "tests": [{"kind": "assert", "code": "1"}] * 2}
        )

    result = ExecutionResult.model_validate(answer.json())
    assert answer.status_code == 200
    assert result.verdict is Verdict.INTERNAL_ERROR
    assert [test.verdict for test in result.tests] == ["internal_error"] * 2
    assert "secret" not in answer.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_a_result_that_holds_a_lone_surrogate_can_be_sent(start: Start, judge: Any):
    async def odd(submission: Submission) -> ExecutionResult:
        return judge.result(submission).model_copy(update={"id": "\ud800"})

    judge.answer = odd
    async with start() as client:
        alone = await client.post("/execute", json={"source": ""})
        batch = await client.post("/execute/batch", json=numbered(2))

    assert json.loads(alone.content)["id"] == "\ud800"
    assert json.loads(batch.content)["results"][1]["id"] == "\ud800"


async def test_nothing_is_taken_while_no_sandbox_works(start: Start, pool: Any, judge: Any):
    pool.set(ready=0, reason="the Docker engine is gone")
    async with start() as client:
        answer = await client.post("/execute", json={"source": ""})

    assert answer.status_code == 503
    assert answer.json()["detail"] == "the Docker engine is gone"
    assert "retry-after" in answer.headers
    assert judge.started == []


@pytest.mark.parametrize("path", ["/execute", "/execute/batch"])
@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 10_000, b'{"source": NaN}', b"9" * 5000])
async def test_a_malformed_body_is_a_problem_and_nothing_else(
    path: str, content: bytes, start: Start
):
    async with start() as client:
        answer = await client.post(path, content=content)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 422
    assert "Traceback" not in answer.text


async def test_a_body_without_a_length_is_bounded_too(start: Start):
    async def chunks() -> Any:
        for _ in range(3):
            yield b" " * (512 * 1024)

    async with start(server={"max_body_mb": 1}) as client:
        answer = await client.post("/execute", content=chunks())

    assert "content-length" not in answer.request.headers
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:rltf:problem:body-too-large"


async def test_the_bound_of_memory_is_the_services(start: Start):
    async with start(sandbox={"memory_mb": 256}) as client:
        answer = await client.post("/execute", json={"source": "", "limits": {"memory_mb": 257}})

    assert answer.json()["errors"] == [
        {"field": "limits.memory_mb", "message": "limits.memory_mb: 257 is not in 16..256"}
    ]
