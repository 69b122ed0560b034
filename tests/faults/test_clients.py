"""Clients that go away, stall, and come in crowds; those who behave do not feel them."""

import asyncio
import contextlib
import json
import socket
import time

import httpx
import pytest

pytestmark = [pytest.mark.faults, pytest.mark.docker]
ENDLESS = {"source": "while True: pass", "limits": {"wall_s": 100, "total_s": 200}}


def request(path, body, *, length=None):
    """The bytes of a request; ``length`` announces another size than the body has."""
    data = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: executor\r\nContent-Type: application/json\r\n"
        f"Accept: application/x-ndjson\r\nContent-Length: {length or len(data)}\r\n\r\n"
    )
    return head.encode() + data


def connect(service, *, receive_buffer=None):
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", service.port))
    return connection


@contextlib.contextmanager
def connections(service, count, **options):
    made = []
    try:
        for _ in range(count):
            made.append(connect(service, **options))
        yield made
    finally:
        for connection in made:
            connection.close()


def assert_calm(service, until, descriptors):
    """Nothing runs or waits any more, and every descriptor was given back."""
    until(lambda: service.metric("rltf_queue_submissions") == 0, what="an empty queue")
    until(lambda: service.descriptors() <= descriptors + 4, what="descriptors given back")
    assert service.verdict() == "passed"


@pytest.mark.parametrize("path", ["/execute", "/execute/batch"])
def test_work_of_clients_that_go_away_is_cancelled(start_service, until, path):
    service = start_service()
    assert service.verdict() == "passed"
    descriptors = service.descriptors()
    body = ENDLESS if path == "/execute" else {"submissions": [ENDLESS] * 4}
    with connections(service, 12) as made:
        for connection in made:
            connection.sendall(request(path, body))
        until(lambda: service.metric("rltf_queue_submissions") >= 12, what="all admitted")

    started = time.monotonic()
    assert_calm(service, until, descriptors)

    assert time.monotonic() - started < 10
    assert service.metric("rltf_sandbox_recycles_total") == 0  # called off, not thrown away


def test_half_a_body_is_given_up_and_holds_nobody(start_service, until):
    service = start_service(server__body_timeout_s=2)
    assert service.verdict() == "passed"
    descriptors = service.descriptors()
    with connections(service, 50) as made:
        for connection in made:
            connection.sendall(request("/execute", {"source": "print(1)"}, length=5000))
        assert service.verdict() == "passed"
        answers = [connection.recv(4096) for connection in made]
        assert {answer.split(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 408 Request Timeout"}

    with connections(service, 50) as made:
        for connection in made:
            connection.sendall(request("/execute", {"source": "print(1)"}, length=5000))
    assert_calm(service, until, descriptors)


def test_thousand_idle_connections_keep_nobody_out(start_service, until):
    service = start_service()
    assert service.verdict() == "passed"
    descriptors = service.descriptors()
    with connections(service, 1000) as made:
        for number, connection in enumerate(made):
            if number % 2:
                connection.sendall(b"POST /execute HTTP/1.1\r\nHost: exec")
        started = time.monotonic()
        for _ in range(10):
            assert service.verdict() == "passed"
        assert time.monotonic() - started < 10

    assert_calm(service, until, descriptors)


async def test_hundreds_of_requests_at_once_are_all_answered(start_service, until):
    service = start_service(pool__lease_timeout_s=60)
    body = {"source": "def f(x): return x + 1"}
    body["tests"] = [{"kind": "call", "function": "f", "args": [1], "expected": 2}]
    limits = httpx.Limits(max_connections=300)
    async with httpx.AsyncClient(base_url=service.url, timeout=200, limits=limits) as client:

        async def post():
            answer = await client.post("/execute", json=body)
            return answer.json()["verdict"] if answer.status_code == 200 else answer.status_code

        verdicts = await asyncio.gather(*(post() for _ in range(300)))

    assert set(verdicts) == {"passed"}


def test_clients_that_never_read_hold_up_nobody(start_service, until):
    service = start_service()
    assert service.verdict() == "passed"
    descriptors, memory_mb = service.descriptors(), service.memory_mb()
    loud = {"source": "print('x' * 3_000_000)", "return_output": True}
    with connections(service, 8, receive_buffer=4096) as made:
        for connection in made:
            connection.sendall(request("/execute/batch", {"submissions": [loud] * 8}))
        time.sleep(2)
        for _ in range(10):
            assert service.verdict() == "passed"
        until(lambda: service.metric("rltf_pool_sandboxes") == 2, what="sandboxes")
        assert service.memory_mb() < memory_mb + 8 * 8 * 3 * 3 + 100

    assert_calm(service, until, descriptors)


def test_answer_nobody_waits_for_is_dropped(start_service, until):
    service = start_service()
    assert service.verdict() == "passed"
    descriptors = service.descriptors()
    for _ in range(30):
        with connections(service, 1) as (connection,):
            connection.sendall(request("/execute", {"source": "print(1)"}))
            connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
            )  # closed by a reset

    assert_calm(service, until, descriptors)
