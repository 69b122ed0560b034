"""``AsyncExecutorClient``: submissions to one or several executors, for asyncio."""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Final, Self

import httpx

from rltf_executor.client import answers, batch, codec
from rltf_executor.client.channel import Channel
from rltf_executor.client.endpoints import Endpoint, ProbeResult
from rltf_executor.client.errors import ExecutorRefusedError, ExecutorUnavailableError
from rltf_executor.client.retry import Fault, RetryPolicy, Timeouts
from rltf_executor.schema import (
    MAX_BATCH,
    MAX_BODY_BYTES,
    ExecutionResult,
    RefusedItem,
    Runtime,
    Submission,
    Verdict,
)

_SHORTEST_PROBE_S: Final = 0.5


class AsyncExecutorClient:
    """Sends submissions to one or several executors, from any number of tasks of one event loop.

    429, 5xx, lost connections and ``internal_error`` verdicts are tried again; no other verdict
    ever is.

    Args:
        base_urls: Where executors listen; with several, each request goes to the one with the
            fewest submissions outstanding, and one that fails rests.
        token: Bearer token, where the executor asks for one.
        timeouts: Bounds of every HTTP exchange.
        retry: When and how often something is sent again.
        max_concurrency: HTTP requests in flight at a time; more wait their turn here.
        batch_size: Submissions in one request of a batch, at most 1,024.
        max_body_bytes: Bytes in one request of a batch.
        verify: Whether and how certificates of https URLs are checked.
        transport: Replaces the network, in tests.

    Raises:
        ValueError: An option is out of its bounds; the message names it.
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
        if not 1 <= batch_size <= MAX_BATCH:
            raise ValueError(f"batch_size: {batch_size} is not in 1..{MAX_BATCH}")
        self._batch_size = batch_size
        self._max_body_bytes = max_body_bytes
        self._channel = Channel(
            base_urls,
            token=token,
            timeouts=timeouts or Timeouts(),
            retry=retry or RetryPolicy(),
            max_concurrency=max_concurrency,
            verify=verify,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._channel.close()

    async def execute(self, submission: Submission) -> ExecutionResult:
        """Has one submission judged.

        Raises:
            ExecutorRefusedError: The submission is out of bounds, or the token is wrong
                (AuthenticationError).
            ExecutorUnavailableError: No executor answered.
            SubmissionEncodingError: A value in it has no spelling in JSON.
            UnexpectedAnswerError: What answers is no executor of this version.
        """
        item = codec.encode(submission)
        silence_s = self._channel.timeouts.answer_s(item.total_s)

        async def send(endpoint: Endpoint) -> ExecutionResult:
            async with self._channel.request(
                endpoint,
                "POST",
                "/execute",
                content=item.body,
                silence_s=silence_s,
                within_s=silence_s + self._channel.timeouts.write_s,
            ) as response:
                return answers.parse(codec.RESULT, await response.aread(), endpoint.url)

        retry = self._channel.retry
        for num_tries in range(1, retry.max_internal_errors + 1):
            result = await self._channel.exchange(send, num_submissions=1)
            if result.verdict is not Verdict.INTERNAL_ERROR:
                return result
            await asyncio.sleep(retry.pause_s(num_tries))
        return await self._channel.exchange(send, num_submissions=1)

    async def execute_batch(
        self, submissions: Sequence[Submission]
    ) -> list[ExecutionResult | RefusedItem]:
        """Has any number of submissions judged; gives one entry each, in order.

        A submission that is out of bounds has a ``RefusedItem`` in its place and costs the others
        nothing.

        Raises:
            ExecutorClientError: As ``execute``, bounds apart. What was judged by then is lost;
                ``stream_batch`` would have yielded it.
        """
        entries: dict[int, ExecutionResult | RefusedItem] = {}
        async with aclosing(self.stream_batch(submissions)) as stream:
            async for index, entry in stream:
                entries[index] = entry
        return [entries[index] for index in range(len(submissions))]

    async def stream_batch(
        self, submissions: Sequence[Submission]
    ) -> AsyncGenerator[tuple[int, ExecutionResult | RefusedItem], None]:
        """Yields ``(index, entry)`` as each submission is judged, every index once.

        Leaving the loop early cancels the rest; ``contextlib.aclosing`` around the iterator makes
        that happen at once. Raises as ``execute_batch`` does.
        """
        items = [codec.encode(submission, index) for index, submission in enumerate(submissions)]
        entries = batch.stream(
            self._channel, items, batch_size=self._batch_size, max_body_bytes=self._max_body_bytes
        )
        async with aclosing(entries):
            async for event in entries:
                yield event

    async def healthz(self) -> list[ProbeResult]:
        """Asks every URL whether it is alive; never raises for one that is not."""
        return await self._probe("/healthz", self._channel.timeouts.probe_s)

    async def readyz(self) -> list[ProbeResult]:
        """Asks every URL whether its pool is warm; never raises for one that is not."""
        return await self._probe("/readyz", self._channel.timeouts.probe_s)

    async def runtimes(self) -> list[Runtime]:
        """Gives the languages that the executor runs. Raises as ``execute`` does."""
        timeout_s = self._channel.timeouts.probe_s

        async def ask(endpoint: Endpoint) -> list[Runtime]:
            async with self._channel.request(
                endpoint, "GET", "/runtimes", silence_s=timeout_s, within_s=timeout_s
            ) as response:
                return answers.parse(codec.RUNTIMES, await response.aread(), endpoint.url)

        return await self._channel.exchange(ask)

    async def wait_until_ready(self, timeout_s: float = 60.0) -> None:
        """Returns as soon as one of the URLs can take submissions.

        Raises:
            ExecutorUnavailableError: None could within ``timeout_s``; the message names each URL
                and why.
            ProtocolVersionError: An executor of another major version answers.
        """
        deadline = time.monotonic() + timeout_s
        pause_s = 0.05
        while True:
            left_s = max(_SHORTEST_PROBE_S, deadline - time.monotonic())
            probes = await self._probe("/readyz", min(left_s, self._channel.timeouts.probe_s))
            if any(probe.ok for probe in probes):
                return
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                reasons = "; ".join(f"{probe.url}: {probe.detail}" for probe in probes)
                raise ExecutorUnavailableError(
                    f"no executor ready within {timeout_s:g} s: {reasons}"
                )
            await asyncio.sleep(min(pause_s, left_s))
            pause_s = min(1.0, pause_s * 1.5)

    async def _probe(self, path: str, timeout_s: float) -> list[ProbeResult]:
        async def ask(endpoint: Endpoint) -> ProbeResult:
            try:
                async with self._channel.request(
                    endpoint, "GET", path, silence_s=timeout_s, within_s=timeout_s
                ):
                    return ProbeResult(url=endpoint.url, ok=True, detail="ok")
            except (Fault, ExecutorRefusedError) as fault:
                return ProbeResult(url=endpoint.url, ok=False, detail=str(fault))

        return list(await asyncio.gather(*map(ask, self._channel.balancer.endpoints)))
