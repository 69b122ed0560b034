"""How many submissions may wait or run at a time, and the end of that when the service stops."""

import asyncio
import math

from rltf_executor.errors import QueueFullError, ShuttingDownError


class Admission:
    """Counts submissions in and out; beyond the bound a client is told to come back."""

    def __init__(self, max_submissions: int) -> None:
        self._max_submissions = max_submissions
        self._num_admitted = 0
        self._is_draining = False
        self._is_empty = asyncio.Event()
        self._is_empty.set()
        self._seconds_each = 0.0  # recent pace: wall time between two submissions that finished
        self._last_finished_at: float | None = None

    @property
    def num_admitted(self) -> int:
        """Submissions waiting or running."""
        return self._num_admitted

    @property
    def max_submissions(self) -> int:
        """Bound of ``num_admitted``."""
        return self._max_submissions

    @property
    def is_draining(self) -> bool:
        """Nothing is admitted any more."""
        return self._is_draining

    def admit(self, num_submissions: int = 1) -> "Ticket":
        """Takes in that many submissions, or none of them.

        Raises:
            QueueFullError: They do not all fit.
            ShuttingDownError: The service is stopping.
        """
        if self._is_draining:
            raise ShuttingDownError("the executor is shutting down")
        free = self._max_submissions - self._num_admitted
        if num_submissions > free:
            raise QueueFullError(
                f"queue.max_submissions: {num_submissions} more submissions do not fit, "
                f"{max(free, 0)} of {self._max_submissions} places are free",
                retry_after_s=self._retry_after_s(num_submissions - free),
            )
        self._num_admitted += num_submissions
        if self._num_admitted:
            self._is_empty.clear()
        return Ticket(self, num_submissions)

    def note_finished(self, at_s: float) -> None:
        """Learns the pace, for ``Retry-After``."""
        if self._last_finished_at is not None:
            self._seconds_each += 0.05 * (
                min(at_s - self._last_finished_at, 60.0) - self._seconds_each
            )
        self._last_finished_at = at_s

    def drain(self) -> None:
        """Admits nothing from here on."""
        self._is_draining = True

    async def drained(self) -> None:
        """Returns when nothing that was admitted is left."""
        await self._is_empty.wait()

    def _give_back(self, num_submissions: int) -> None:
        self._num_admitted -= num_submissions
        if not self._num_admitted:
            self._is_empty.set()
            self._last_finished_at = None

    def _retry_after_s(self, num_missing: int) -> float:
        return float(min(30, max(1, math.ceil(self._seconds_each * num_missing))))


class Ticket:
    """Admission of one request's submissions; they leave one by one, or all at the end."""

    def __init__(self, admission: Admission, num_submissions: int) -> None:
        self._admission = admission
        self._num_left = num_submissions

    def __enter__(self) -> "Ticket":
        return self

    def __exit__(self, *_: object) -> None:
        self.leave(self._num_left)

    def leave(self, num_submissions: int = 1) -> None:
        """Frees the places of submissions that are done with."""
        num_submissions = min(num_submissions, self._num_left)
        self._num_left -= num_submissions
        if num_submissions:
            self._admission._give_back(num_submissions)
