"""An executor that exists in memory only and answers by script."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rltf_executor.client import AsyncExecutorClient, RetryPolicy

VERSION = {"X-RLTF-Version": "1.0"}
PROMPT_RETRIES = RetryPolicy(
    max_failures=4, max_internal_errors=2, backoff_s=0.001, max_backoff_s=0.002
)
Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class FakeExecutor:
    """Gives the answers of ``script`` first, then judges: a source ``verdict=X`` gets X."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.script: list[Answer] = []

    @property
    def hosts(self) -> list[str]:
        return [request.url.host for request in self.requests]

    def batches(self) -> list[list[dict[str, Any]]]:
        """The submissions of every batch request, in the order of the requests."""
        return [
            json.loads(request.content)["submissions"]
            for request in self.requests
            if request.url.path == "/execute/batch"
        ]

    @staticmethod
    def result(submission: dict[str, Any], verdict: str = "passed") -> dict[str, Any]:
        return {
            "id": submission.get("id"),
            "verdict": verdict,
            "passed": int(verdict == "passed"),
            "total": 1,
            "tests": [{"index": 0, "verdict": verdict}],
            "timing": {"queue_ms": 0.0, "run_ms": 1.0, "total_ms": 1.0},
            "isolation": {"backend": "fake", "runtime": "none", "level": "none"},
        }

    @staticmethod
    def refusal(status: int, detail: str = "because") -> dict[str, Any]:
        """Problem details."""
        fields = {"type": "about:blank", "title": "no", "detail": detail, "errors": []}
        return {**fields, "status": status}

    @classmethod
    def problem(cls, status: int, detail: str = "because", **headers: str) -> httpx.Response:
        body = cls.refusal(status, detail)
        return httpx.Response(status, json=body, headers=VERSION | headers)

    @staticmethod
    def ndjson(entries: list[tuple[int, dict[str, Any]]], tail: bytes = b"") -> httpx.Response:
        lines = [json.dumps({"index": index, "result": entry}) + "\n" for index, entry in entries]
        return httpx.Response(200, content="".join(lines).encode() + tail, headers=VERSION)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.script.pop(0) if self.script else self.judge
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)

    @classmethod
    def judge(cls, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/execute":
            submission = json.loads(request.content)
            return httpx.Response(
                200, json=cls.result(submission, _wanted(submission)), headers=VERSION
            )
        if request.url.path == "/execute/batch":
            submissions = json.loads(request.content)["submissions"]
            entries = [(i, cls.result(each, _wanted(each))) for i, each in enumerate(submissions)]
            return cls.ndjson(entries[::-1])  # last first: order is the client's business
        return httpx.Response(200, json=[], headers=VERSION)


def _wanted(submission: dict[str, Any]) -> str:
    _, _, verdict = submission["source"].partition("verdict=")
    return verdict or "passed"


@pytest.fixture
def executor() -> FakeExecutor:
    return FakeExecutor()


@pytest.fixture
def connect(executor: FakeExecutor) -> Callable[..., AsyncExecutorClient]:
    """Makes a client of the fake executor; options as those of the client."""

    def make(base_urls: str | list[str] = "http://a.test", **options: Any) -> AsyncExecutorClient:
        options = {"retry": PROMPT_RETRIES, **options}
        return AsyncExecutorClient(
            base_urls, transport=httpx.MockTransport(executor.answer), **options
        )

    return make
