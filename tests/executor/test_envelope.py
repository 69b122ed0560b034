from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rltf_executor.envelope import VERSION_HEADER, Envelope
from rltf_executor.version import WIRE_VERSION

Start = Callable[..., Any]
PROTECTED = [
    ("POST", "/execute"),
    ("POST", "/execute/batch"),
    ("GET", "/metrics"),
    ("GET", "/runtimes"),
    ("GET", "/nowhere"),
    ("POST", "/web/x"),
]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer wrong", "Basic right", "right", "Bearer right right"],
)
async def test_without_the_token_nothing_is_answered(
    method: str, path: str, authorization: str | None, start: Start, judge: Any
):
    headers = {} if authorization is None else {"authorization": authorization}
    async with start(token="right") as client:
        answer = await client.request(method, path, headers=headers, content=b'{"source":""}')

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "urn:rltf:problem:unauthorized"
    assert judge.started == []


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_with_the_token_it_is(scheme: str, start: Start):
    async with start(token="right") as client:
        for method, path in PROTECTED:
            answer = await client.request(
                method, path, headers={"authorization": f"{scheme} right"}, content=b'{"source":""}'
            )
            assert answer.status_code != 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json"])
async def test_probes_and_pages_need_no_token(path: str, start: Start):
    async with start(token="right") as client:
        assert (await client.get(path)).status_code == 200


async def test_a_token_that_is_no_ascii_is_a_wrong_one(start: Start):
    async with start(token="right") as client:
        answer = await client.get("/metrics", headers=[(b"authorization", "Bearer ñ".encode())])

    assert answer.status_code == 401


async def test_an_unforeseen_fault_is_a_problem_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
):
    async def broken(_scope: Any, _receive: Any, _send: Any) -> None:
        raise ValueError("the program was: secret")

    transport = httpx.ASGITransport(Envelope(broken, token=None))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.get("/")

    assert answer.status_code == 500
    assert answer.headers[VERSION_HEADER] == WIRE_VERSION
    assert answer.json()["type"] == "urn:rltf:problem:internal"
    assert "secret" not in answer.text
    assert caplog.records[0].message == "request failed"
