"""Turns SIGINT and SIGTERM into a request that the training loop meets at a safe point."""

import signal
from types import FrameType, TracebackType
from typing import Any, Self


class StopRequestedError(Exception):
    """Raised at a safe point after a signal asked the run to stop."""


class StopSignals:
    """While it is open, the first SIGINT or SIGTERM is remembered; a second SIGINT ends at once.

    Attributes:
        received: The signal that asked to stop; None while none did.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._previous[number] = signal.signal(number, self._remember)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def check(self) -> None:
        """Raise if a signal has asked to stop.

        Raises:
            StopRequestedError: It has.
        """
        if self.received is not None:
            raise StopRequestedError

    def _remember(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.received = number
