from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rltf_executor.schema import Submission, Verdict

Start = Callable[..., Any]


async def test_the_service_is_alive_whatever_its_sandboxes_do(start: Start, pool: Any):
    pool.set(ready=0, reason="gone")
    async with start() as client:
        answer = await client.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (200, "alive")


async def test_readiness_says_what_there_is(start: Start, pool: Any):
    pool.set(ready=1, leased=1, size=3, reason="one does not start")
    async with start() as client:
        answer = await client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["sandboxes"] == {"ready": 1, "leased": 1, "size": 3}
    assert answer.json()["degraded"] == "one does not start"


async def test_readiness_says_why_not(start: Start, pool: Any):
    pool.set(ready=0, reason="the Docker engine is gone")
    async with start() as client:
        answer = await client.get("/readyz")

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "the Docker engine is gone"
    assert "retry-after" in answer.headers


async def test_all_sandboxes_at_work_is_ready(start: Start, pool: Any):
    pool.set(ready=0, leased=2)
    async with start() as client:
        assert (await client.get("/readyz")).status_code == 200


async def test_before_its_start_the_service_is_not_ready(make_app: Callable[..., Any]):
    app = make_app()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://executor.test"
    ) as client:
        assert (await client.get("/healthz")).status_code == 200
        for method, path in (("GET", "/readyz"), ("GET", "/metrics"), ("POST", "/execute")):
            answer = await client.request(method, path)
            assert answer.status_code == 503
            assert answer.json()["detail"] == "the executor has not started"


async def test_runtimes_are_listed(start: Start):
    async with start() as client:
        answer = await client.get("/runtimes")

    assert answer.json() == [
        {"language": "python", "version": "3.13.1", "aliases": [], "packages": {}}
    ]


async def test_metrics_count_what_happened(start: Start, pool: Any, judge: Any):
    async def answer(submission: Submission) -> Any:
        if submission.id == "bad":
            return judge.result(
                submission, Verdict.WRONG_ANSWER, flags=["frame_walk", "frame_walk"]
            )
        return judge.result(submission, graded="inside")

    judge.answer = answer
    pool.set(ready=1, leased=1, recycles={"worn": 3})
    async with start() as client:
        await client.post("/execute", json={"source": "", "id": "good"})
        await client.post(
            "/execute/batch", json={"submissions": [{"source": "", "id": "bad"}, {"id": "none"}]}
        )
        await client.post("/execute", json={})
        text = (await client.get("/metrics")).text

    for line in (
        'rltf_submissions_total{verdict="passed"} 1.0',
        'rltf_submissions_total{verdict="wrong_answer"} 1.0',
        'rltf_tests_total{verdict="passed"} 1.0',
        "rltf_tests_graded_inside_total 1.0",
        'rltf_flags_total{flag="frame_walk"} 1.0',
        'rltf_refused_total{problem="invalid-request"} 2.0',
        'rltf_http_requests_total{status="200"} 2.0',
        'rltf_http_requests_total{status="422"} 1.0',
        "rltf_queue_wait_seconds_count 2.0",
        "rltf_run_seconds_sum 0.004",
        "rltf_queue_submissions 0.0",
        'rltf_pool_sandboxes{state="leased"} 1.0',
        'rltf_sandbox_recycles_total{reason="worn"} 3.0',
        "rltf_ready 1.0",
    ):
        assert line in text.splitlines(), line


@pytest.mark.parametrize("path", ["/nowhere", "/execute/", "/execute/batch/more"])
async def test_an_unknown_path_is_a_problem(path: str, start: Start):
    async with start() as client:
        answer = await client.post(path)

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:rltf:problem:not-found"


async def test_a_wrong_method_is_a_problem_that_names_the_right_one(start: Start):
    async with start() as client:
        answer = await client.get("/execute")

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["type"] == "urn:rltf:problem:method-not-allowed"
