"""The way to the executors: connections, timeouts, failover, retries. Knows no submissions."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import httpx

from rltf_executor.client import answers
from rltf_executor.client.endpoints import Balancer, Endpoint
from rltf_executor.client.errors import ExecutorUnavailableError
from rltf_executor.client.retry import Attempts, Fault, RetryPolicy, Timeouts
from rltf_executor.version import VERSION

_KEEPALIVE_S: Final = (
    4.0  # below uvicorn's 5 s, so that we are the side that closes an idle connection
)

_T = TypeVar("_T")


class Channel:
    """Sends requests to whichever executor answers."""

    def __init__(
        self,
        base_urls: str | Sequence[str],
        *,
        token: str | None,
        timeouts: Timeouts,
        retry: RetryPolicy,
        max_concurrency: int,
        verify: ssl.SSLContext | bool,
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        if max_concurrency < 1:
            raise ValueError(f"max_concurrency: {max_concurrency} is less than 1")
        self.balancer = Balancer(base_urls)
        self.timeouts = timeouts
        self.retry = retry
        self.max_concurrency = max_concurrency
        self._slots = asyncio.Semaphore(max_concurrency)
        num_connections = max_concurrency + len(self.balancer.endpoints)  # probes take no slot
        self._http = httpx.AsyncClient(
            headers=_headers(token),
            limits=httpx.Limits(
                max_connections=num_connections,
                max_keepalive_connections=num_connections,
                keepalive_expiry=_KEEPALIVE_S,
            ),
            verify=verify,
            transport=transport,
            trust_env=False,  # a proxy for the internet has no business before a loopback service
        )

    async def close(self) -> None:
        """Closes every connection."""
        await self._http.aclose()

    async def exchange(
        self,
        send: Callable[[Endpoint], Awaitable[_T]],
        *,
        num_submissions: int = 0,
        attempts: Attempts | None = None,
    ) -> _T:
        """Calls ``send`` with one URL after the other until one answers.

        Args:
            send: One exchange; raises Fault for what another try may mend.
            num_submissions: How much work it is, for the balance among URLs.
            attempts: The caller's count, if it calls ``progressed`` on it as answers come in.

        Raises:
            ExecutorUnavailableError: The retry policy allows no further try.
        """
        attempts = attempts or Attempts(self.retry)
        while True:
            async with self._slots:
                endpoint = self.balancer.pick(time.monotonic())
                try:
                    with self.balancer.sending(endpoint, num_submissions):
                        answer = await send(endpoint)
                except Fault as fault:
                    pause_s = self._note(endpoint, fault, attempts)
                    if pause_s is None:
                        raise ExecutorUnavailableError(
                            f"no executor took the work: {self.balancer.describe()}"
                        ) from fault
                else:
                    self.balancer.worked(endpoint)
                    return answer
            await asyncio.sleep(pause_s)

    @asynccontextmanager
    async def request(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        accept: str = "application/json",
        silence_s: float,
        within_s: float,
    ) -> AsyncIterator[httpx.Response]:
        """Makes one HTTP request and gives its answer once it is known to be a good one.

        Args:
            endpoint: Where to.
            method: HTTP method.
            path: Below the base URL.
            content: JSON bytes.
            accept: Media type of the answer.
            silence_s: Longest wait for the next bytes of the answer.
            within_s: Longest time for the whole exchange.

        Raises:
            Fault: A lost connection, a timeout, 429 or 5xx.
            ExecutorClientError: An answer that no retry changes.
        """
        timeout = httpx.Timeout(
            connect=self.timeouts.connect_s,
            write=self.timeouts.write_s,
            read=silence_s,
            pool=within_s,
        )
        headers = {"Accept": accept}
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with (
                asyncio.timeout(within_s),
                self._http.stream(
                    method, endpoint.url + path, content=content, headers=headers, timeout=timeout
                ) as response,
            ):
                await answers.check(response, endpoint.url)
                yield response
        except httpx.TransportError as error:
            raise Fault(f"{type(error).__name__}: {error!s}") from error
        except TimeoutError as error:
            raise Fault(f"no whole answer within {within_s:g} s") from error

    def _note(self, endpoint: Endpoint, fault: Fault, attempts: Attempts) -> float | None:
        now = time.monotonic()
        if fault.is_overload:
            rest_s = fault.retry_after_s or self.retry.backoff_s
            self.balancer.overloaded(endpoint, str(fault), now, rest_s)
        else:
            self.balancer.failed(endpoint, str(fault), now)
        return attempts.pause_s(fault, now=now, other_awake=self.balancer.any_awake(now))


def _headers(token: str | None) -> dict[str, str]:
    headers = {"User-Agent": f"rltf-client/{VERSION}"}
    if token is not None:
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise ValueError("token: must be printable ASCII without spaces, and not empty")
        headers["Authorization"] = f"Bearer {token}"
    return headers
