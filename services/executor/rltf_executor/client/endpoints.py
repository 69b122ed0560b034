"""Which URL gets the next request: the awake one with the fewest submissions outstanding."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import httpx

_FIRST_REST_S: Final = 0.5
_LONGEST_REST_S: Final = 30.0
_JITTER = random.Random()  # noqa: S311 - spreads retries, guards nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """Answer of one URL to ``/healthz`` or ``/readyz``."""

    url: str
    ok: bool
    detail: str


@dataclass(slots=True, eq=False)
class Endpoint:
    """One base URL and what is known of it."""

    url: str
    outstanding: int = 0  # submissions sent and not answered yet
    num_failures: int = 0  # in a row
    rests_until: float = 0.0  # monotonic seconds
    picked_at: int = 0  # number of the last pick
    last_fault: str = field(default="not tried yet")

    def is_awake(self, now: float) -> bool:
        """Whether it may be given work. After a failure a single request goes first, as a probe."""
        return now >= self.rests_until and (self.num_failures == 0 or self.outstanding == 0)


class Balancer:
    """Shares requests among URLs; those that failed rest, longer each time."""

    def __init__(self, base_urls: str | Sequence[str]) -> None:
        urls = [base_urls] if isinstance(base_urls, str) else list(base_urls)
        if not urls:
            raise ValueError("base_urls: at least one URL is needed")
        self._num_picks = 0
        self.endpoints = tuple(Endpoint(_checked_url(url)) for url in dict.fromkeys(urls))

    def pick(self, now: float) -> Endpoint:
        """Gives the awake URL with the least to do, in turn, else the one whose rest ends first."""
        awake = [endpoint for endpoint in self.endpoints if endpoint.is_awake(now)]
        if awake:
            picked = min(awake, key=lambda endpoint: (endpoint.outstanding, endpoint.picked_at))
        else:
            picked = min(
                self.endpoints, key=lambda endpoint: (endpoint.rests_until, endpoint.outstanding)
            )
        self._num_picks += 1
        picked.picked_at = self._num_picks
        return picked

    def any_awake(self, now: float) -> bool:
        """Whether some URL may be tried at once."""
        return any(endpoint.is_awake(now) for endpoint in self.endpoints)

    @contextmanager
    def sending(self, endpoint: Endpoint, num_submissions: int) -> Iterator[None]:
        """Counts submissions as outstanding at ``endpoint`` for as long as the block lasts."""
        endpoint.outstanding += num_submissions
        try:
            yield
        finally:
            endpoint.outstanding -= num_submissions

    def worked(self, endpoint: Endpoint) -> None:
        """Notes an answer."""
        endpoint.num_failures = 0
        endpoint.rests_until = 0.0

    def failed(self, endpoint: Endpoint, fault: str, now: float) -> None:
        """Notes a failure; requests that fail together count as one."""
        endpoint.last_fault = fault
        if now < endpoint.rests_until:
            return
        rest_s = min(_LONGEST_REST_S, _FIRST_REST_S * 2.0 ** min(endpoint.num_failures, 30))
        endpoint.num_failures += 1
        endpoint.rests_until = now + rest_s * _JITTER.uniform(0.5, 1.0)

    def overloaded(self, endpoint: Endpoint, fault: str, now: float, rest_s: float) -> None:
        """Notes a full queue: alive, but of no use for ``rest_s``."""
        endpoint.last_fault = fault
        endpoint.rests_until = max(endpoint.rests_until, now + rest_s)

    def describe(self) -> str:
        """Names every URL with its last fault."""
        return "; ".join(f"{endpoint.url}: {endpoint.last_fault}" for endpoint in self.endpoints)


def _checked_url(text: str) -> str:
    """Gives the URL without a slash at its end.

    Raises:
        ValueError: It is no http or https URL, or it holds what does not belong there.
    """
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ValueError(f"base_urls: {text!r} is no URL: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(f"base_urls: {text!r} is no http:// or https:// URL")
    if url.userinfo:
        raise ValueError(
            f"base_urls: a URL of {url.host} holds a password; pass it as token instead"
        )
    if url.query or url.fragment:
        raise ValueError(f"base_urls: {text!r} has a query or a fragment")
    return text.rstrip("/")
