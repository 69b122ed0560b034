"""How long to wait, and how often to try again. Pure: no clock and no sleep of its own."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_JITTER = random.Random()  # noqa: S311 - spreads retries, guards nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Bounds of one HTTP exchange, seconds.

    The wait for an answer is derived from the submission: twice its ``limits.total_s`` (a
    submission whose sandbox was lost is run once more) plus ``queue_s``, the allowance for its
    turn. A batch has that long for each next result.
    """

    connect_s: float = 5.0
    write_s: float = 30.0
    queue_s: float = 120.0
    probe_s: float = 5.0  # healthz, readyz, runtimes

    def answer_s(self, total_s: float) -> float:
        """Longest silence before a result, for a submission bounded by ``total_s``."""
        return 2 * total_s + self.queue_s


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """When to send again: 429, 5xx, a lost connection, ``internal_error``; no other verdict."""

    max_failures: int = 8  # tries in a row that found no executor, before the error is raised
    max_internal_errors: int = (
        2  # times a submission is sent again because its verdict was internal_error
    )
    backoff_s: float = (
        0.2  # mean of the first pause is half of it; doubles with every failure in a row
    )
    max_backoff_s: float = 10.0
    overload_patience_s: float = 600.0  # longest time of nothing but 429 before the error is raised

    def pause_s(self, num_failures: int) -> float:
        """Draws a pause with full jitter: uniform between 0 and the doubled backoff."""
        bound = min(self.max_backoff_s, self.backoff_s * 2.0 ** min(num_failures - 1, 30))
        return _JITTER.uniform(0.0, bound)


class Fault(Exception):
    """One exchange failed in a way that a later one may not. Stays inside the client."""

    def __init__(
        self, message: str, *, is_overload: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.is_overload = is_overload
        self.retry_after_s = retry_after_s


class Attempts:
    """Counts what went wrong since something last went right, for one request."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._num_failures = 0
        self._num_overloads = 0
        self._overloaded_since: float | None = None

    def progressed(self) -> None:
        """Forgets the faults so far: the executor has answered."""
        self._num_failures = self._num_overloads = 0
        self._overloaded_since = None

    def pause_s(self, fault: Fault, *, now: float, other_awake: bool) -> float | None:
        """Gives the pause before the next try, or None when there should be none.

        Args:
            fault: What went wrong.
            now: Monotonic time, seconds.
            other_awake: Another URL is ready to be tried at once.
        """
        if fault.is_overload:
            self._num_overloads += 1
            if self._overloaded_since is None:
                self._overloaded_since = now
            pause_s = (fault.retry_after_s or 0.0) + self._policy.pause_s(self._num_overloads)
            patience_s = self._policy.overload_patience_s - (now - self._overloaded_since)
            if patience_s < pause_s:
                return None
        else:
            self._num_failures += 1
            if self._num_failures >= self._policy.max_failures:
                return None
            pause_s = (fault.retry_after_s or 0.0) + self._policy.pause_s(self._num_failures)
        return 0.0 if other_awake else pause_s


def parse_retry_after(value: str | None, *, now: datetime | None = None) -> float | None:
    """Reads a ``Retry-After`` header, seconds or an HTTP date; None when absent or unreadable."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())
