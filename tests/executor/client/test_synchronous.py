import asyncio
import concurrent.futures
import multiprocessing
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from rltf_executor.client import ExecutorClient, ExecutorUnavailableError, RetryPolicy
from rltf_executor.schema import Submission


@pytest.fixture
def client(executor: Any) -> Iterator[ExecutorClient]:
    transport = httpx.MockTransport(executor.answer)
    retry = RetryPolicy(max_failures=2, backoff_s=0.001)
    with ExecutorClient("http://a.test", transport=transport, retry=retry) as client:
        yield client


def numbered(count: int) -> list[Submission]:
    return [Submission(id=str(number), source="") for number in range(count)]


def client_threads() -> int:
    return sum(thread.name == "rltf-executor-client" for thread in threading.enumerate())


def test_it_judges_one_and_many(client: ExecutorClient):
    assert client.execute(Submission(source="verdict=timeout")).verdict == "timeout"
    assert [entry.id for entry in client.execute_batch(numbered(5))] == list("01234")
    assert sorted(index for index, _ in client.stream_batch(numbered(5))) == [0, 1, 2, 3, 4]


def test_errors_are_those_of_the_asynchronous_client(client: ExecutorClient, executor: Any):
    executor.script = [httpx.ConnectError("refused")] * 2
    with pytest.raises(ExecutorUnavailableError, match=r"http://a\.test"):
        client.execute(Submission(source=""))


def test_probes_and_readiness(client: ExecutorClient):
    client.wait_until_ready(timeout_s=5)

    assert [probe.ok for probe in client.healthz() + client.readyz()] == [True, True]
    assert client.runtimes() == []


def test_it_works_where_an_event_loop_runs(client: ExecutorClient):
    async def notebook_cell() -> str:
        return client.execute(Submission(source="")).verdict

    assert asyncio.run(notebook_cell()) == "passed"


def test_many_threads_share_one_client_and_one_loop(client: ExecutorClient):
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(client.execute, numbered(50)))

    assert [result.id for result in results] == [str(number) for number in range(50)]
    assert client_threads() == 1


def test_a_stream_left_early_leaves_the_client_usable(client: ExecutorClient):
    stream = client.stream_batch(numbered(5))
    next(stream)
    stream.close()

    assert client.execute(Submission(source="")).verdict == "passed"


def test_a_stream_that_outlives_its_client_just_ends(executor: Any):
    with ExecutorClient("http://a", transport=httpx.MockTransport(executor.answer)) as client:
        stream = client.stream_batch(numbered(5))
        next(stream)

    with pytest.raises(RuntimeError, match="closed"):
        next(stream)
    stream.close()


def test_closing_cancels_what_other_threads_wait_for():
    asked = threading.Event()

    async def silence(request: httpx.Request) -> httpx.Response:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    client = ExecutorClient("http://a", transport=httpx.MockTransport(silence))
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(client.execute, Submission(source=""))
        assert asked.wait(5)
        client.close()
        with pytest.raises(concurrent.futures.CancelledError):
            waiting.result(timeout=5)


def test_closing_ends_the_thread_and_refuses_more_work(executor: Any):
    transport = httpx.MockTransport(executor.answer)
    client = ExecutorClient("http://a.test", transport=transport)
    client.execute(Submission(source=""))
    client.close()
    client.close()

    assert client_threads() == 0
    with pytest.raises(RuntimeError, match="closed"):
        client.execute(Submission(source=""))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # Python 3.12+
def test_a_forked_child_gets_a_loop_of_its_own(client: ExecutorClient):
    client.execute(Submission(source=""))
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=client.execute, args=(Submission(source=""),))
    child.start()
    child.join(timeout=10)
    if child.is_alive():
        child.kill()

    assert child.exitcode == 0
