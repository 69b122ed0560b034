"""``ExecutorClient``: the asynchronous client behind plain calls.

An event loop in a thread of its own does the work, so that retries, balancing and streaming exist
once. Calls are safe from any thread, also from one that runs an event loop itself (notebooks), and
in a forked child, which gets a loop and connections of its own.
"""

import asyncio
import os
import ssl
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Sequence
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx

from rltf_executor.client.asynchronous import AsyncExecutorClient
from rltf_executor.client.endpoints import ProbeResult
from rltf_executor.client.retry import RetryPolicy, Timeouts
from rltf_executor.schema import MAX_BODY_BYTES, ExecutionResult, RefusedItem, Runtime, Submission

_CLOSED: Final = "the client is closed"

_T = TypeVar("_T")


class _LoopThread:
    """An event loop that runs in a daemon thread until it is closed."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="rltf-executor-client", daemon=True
        )
        self._thread.start()

    @property
    def is_closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._loop.is_closed()

    def call(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Gives the result of ``work``; cancels it if this thread is interrupted while it waits.

        Raises:
            RuntimeError: The loop has been closed.
        """
        if self.is_closed:
            work.close()
            raise RuntimeError(_CLOSED)
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Cancels what runs, and ends the loop and its thread."""
        self.call(_cancel_others())
        self.call(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class ExecutorClient:
    """Sends submissions to one or several executors. Safe for any number of threads.

    The options are those of ``AsyncExecutorClient``.
    """

    def __init__(
        self,
        base_urls: str | Sequence[str],
        *,
        token: str | None = None,
        timeouts: Timeouts | None = None,
        retry: RetryPolicy | None = None,
        max_concurrency: int = 16,
        batch_size: int = 256,
        max_body_bytes: int = MAX_BODY_BYTES,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        def connect() -> AsyncExecutorClient:
            return AsyncExecutorClient(
                base_urls,
                token=token,
                timeouts=timeouts,
                retry=retry,
                max_concurrency=max_concurrency,
                batch_size=batch_size,
                max_body_bytes=max_body_bytes,
                verify=verify,
                transport=transport,
            )

        self._connect: Callable[[], AsyncExecutorClient] = connect
        self._lock = threading.Lock()
        self._closed = False
        self._client = connect()  # at once: bad options are said here
        self._thread: _LoopThread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes every connection and ends the thread."""
        with self._lock:
            thread, self._thread, self._closed = self._thread, None, True
        if thread is not None and thread.pid == os.getpid():
            thread.call(self._client.aclose())
            thread.close()

    def execute(self, submission: Submission) -> ExecutionResult:
        """As ``AsyncExecutorClient.execute``."""
        return self._call(lambda client: client.execute(submission))

    def execute_batch(
        self, submissions: Sequence[Submission]
    ) -> list[ExecutionResult | RefusedItem]:
        """As ``AsyncExecutorClient.execute_batch``."""
        return self._call(lambda client: client.execute_batch(submissions))

    def stream_batch(
        self, submissions: Sequence[Submission]
    ) -> Iterator[tuple[int, ExecutionResult | RefusedItem]]:
        """As ``AsyncExecutorClient.stream_batch``; closing the iterator cancels the rest."""
        thread = self._running()
        stream = self._client.stream_batch(submissions)
        try:
            while (event := thread.call(_next(stream))) is not None:
                yield event
        finally:
            if not thread.is_closed:
                thread.call(stream.aclose())

    def healthz(self) -> list[ProbeResult]:
        """As ``AsyncExecutorClient.healthz``."""
        return self._call(lambda client: client.healthz())

    def readyz(self) -> list[ProbeResult]:
        """As ``AsyncExecutorClient.readyz``."""
        return self._call(lambda client: client.readyz())

    def runtimes(self) -> list[Runtime]:
        """As ``AsyncExecutorClient.runtimes``."""
        return self._call(lambda client: client.runtimes())

    def wait_until_ready(self, timeout_s: float = 60.0) -> None:
        """As ``AsyncExecutorClient.wait_until_ready``."""
        self._call(lambda client: client.wait_until_ready(timeout_s))

    def _call(self, work: Callable[[AsyncExecutorClient], Coroutine[Any, Any, _T]]) -> _T:
        thread = self._running()
        return thread.call(work(self._client))

    def _running(self) -> _LoopThread:
        """Gives the loop's thread; starts it on first use, and anew in a forked child."""
        with self._lock:
            if self._closed:
                raise RuntimeError(_CLOSED)
            if self._thread is None or self._thread.pid != os.getpid():
                if self._thread is not None:
                    self._client = self._connect()
                self._thread = _LoopThread()
            return self._thread


async def _cancel_others() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _next(stream: AsyncGenerator[_T, None]) -> _T | None:
    return await anext(stream, None)
