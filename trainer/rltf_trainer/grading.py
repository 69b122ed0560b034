"""Sends programs to the executor while the policy does something else, and waits out one that died.

HTTP runs in a thread of its own with its own event loop; tensor work releases the interpreter, so
grades arrive while the next batch is sampled.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

from rltf_executor.client import (
    ExecutorClientError,
    ExecutorRefusedError,
    ExecutorUnavailableError,
    ProtocolVersionError,
)
from rltf_executor.schema import ExecutionResult, RefusedItem, Submission, Verdict
from rltf_trainer.errors import ExecutorStartError

logger = logging.getLogger(__name__)

Entry = ExecutionResult | RefusedItem
_Answer = TypeVar("_Answer")

_MAX_ROUNDS_OF_ERRORS: Final = 3
_LOOK_EVERY_S: Final = 0.2  # how soon a waiting main thread notices a signal


class Executor(Protocol):
    """The part of ``AsyncExecutorClient`` used here."""

    async def execute(self, submission: Submission) -> ExecutionResult:
        """Has one submission judged."""

    async def execute_batch(self, submissions: Sequence[Submission]) -> list[Entry]:
        """Has submissions judged, one entry each in order."""

    async def wait_until_ready(self, timeout_s: float = ...) -> None:
        """Returns once submissions can be taken."""

    async def aclose(self) -> None:
        """Closes every connection."""


class Grader:
    """Grades batches in the background.

    Args:
        connect: Opens the client; called in the grader's thread.
        retry_every_s: Seconds between two looks at an executor that died.
        announce: Told when grading stops for want of an executor, and when it goes on; called from
            the grader's thread.
        revive: Called before each look at an executor that died; may start it again.
    """

    def __init__(
        self,
        connect: Callable[[], Executor],
        *,
        retry_every_s: float = 5.0,
        announce: Callable[[str], None] = logger.warning,
        revive: Callable[[], None] = lambda: None,
    ) -> None:
        self._retry_every_s = retry_every_s
        self.announce = announce
        self._revive = revive
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="rltf-grader", daemon=True
        )
        self._thread.start()
        self._executor = self._call(_opened(connect))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def wait_until_ready(self, timeout_s: float) -> None:
        """Return once the executor takes submissions and has run an empty program.

        Raises:
            ExecutorStartError: It does not within ``timeout_s``, or refuses the token.
        """
        try:
            self._call(self._check(timeout_s))
        except ExecutorClientError as error:
            raise ExecutorStartError(f"executor: {error}") from error

    def submit(self, submissions: Sequence[Submission]) -> Future[list[Entry]]:
        """Begin to grade; ``collect`` gives the outcome."""
        return asyncio.run_coroutine_threadsafe(self._grade(tuple(submissions)), self._loop)

    def collect(
        self, grading: Future[list[Entry]], should_stop: Callable[[], None] = lambda: None
    ) -> list[Entry]:
        """Wait for the grades, one entry a submission in order.

        Args:
            grading: What ``submit`` gave.
            should_stop: Called several times a second; what it raises ends the wait.

        Raises:
            ExecutorStartError: The executor refuses all the work, or is none.
        """
        while True:
            should_stop()
            try:
                entries = grading.result(timeout=_LOOK_EVERY_S)
            except FutureTimeoutError:
                continue
            except ExecutorClientError as error:
                raise ExecutorStartError(f"executor: {error}") from error
            _check_not_all_refused(entries)
            return entries

    def close(self) -> None:
        """Cancel what is in flight and close every connection. Safe to call twice."""
        if self._loop.is_closed():
            return
        self._call(self._shut_down())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _check(self, timeout_s: float) -> None:
        await self._executor.wait_until_ready(timeout_s)
        result = await self._executor.execute(Submission(source=""))
        if result.verdict is not Verdict.PASSED:
            raise ExecutorUnavailableError(
                f"it answers, but an empty program got the verdict {result.verdict.value}"
            )

    async def _grade(self, submissions: tuple[Submission, ...]) -> list[Entry]:
        num_rounds_of_errors = 0
        while True:
            try:
                entries = await self._executor.execute_batch(submissions)
            except (ExecutorRefusedError, ProtocolVersionError):
                raise
            except ExecutorUnavailableError as error:
                await self._wait_for_return(error)
                continue
            num_rounds_of_errors += 1
            if not _all_internal_errors(entries) or num_rounds_of_errors == _MAX_ROUNDS_OF_ERRORS:
                return entries
            self.announce("executor: every program met an internal error; grading them once more")
            await asyncio.sleep(self._retry_every_s)

    async def _wait_for_return(self, error: ExecutorUnavailableError) -> None:
        self.announce(f"executor gone, training pauses until it is back: {error}")
        while True:
            await asyncio.to_thread(self._revive)
            try:
                await self._executor.wait_until_ready(self._retry_every_s)
            except ExecutorUnavailableError as still:
                logger.warning("executor still away", extra={"reason": str(still)})
                continue
            self.announce("executor back, training goes on")
            return

    async def _shut_down(self) -> None:
        running = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._executor.aclose()


async def _opened(connect: Callable[[], Executor]) -> Executor:
    return connect()


def _check_not_all_refused(entries: Sequence[Entry]) -> None:
    """Refuse a batch without a single grade: limits are out of the service's bounds, say."""
    refused = [entry for entry in entries if isinstance(entry, RefusedItem)]
    if refused and len(refused) == len(entries):
        problem = refused[0].problem
        faults = "".join(f"; {each.get('field')}: {each.get('message')}" for each in problem.errors)
        raise ExecutorStartError(f"executor: refuses every program: {problem.detail}{faults}")


def _all_internal_errors(entries: Sequence[Entry]) -> bool:
    return bool(entries) and all(
        isinstance(entry, ExecutionResult) and entry.verdict is Verdict.INTERNAL_ERROR
        for entry in entries
    )
