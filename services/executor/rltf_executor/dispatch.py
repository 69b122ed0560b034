"""Brings submissions to the judge, a few at a time, and their results back.

Submissions take turns in the order they arrive. A batch asks for no more turns at a time than there
are slots, so that one large batch does not stand in the way of a single submission that arrives
after it. Work that nobody waits for any more is cancelled.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, Protocol, TypeVar

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from rltf_executor.admission import Admission, Ticket
from rltf_executor.errors import ExecutorError, PoolTimeoutError, ShuttingDownError
from rltf_executor.metrics import Metrics
from rltf_executor.schema import (
    ErrorInfo,
    ExecutionResult,
    Isolation,
    RefusedItem,
    Submission,
    TestResult,
    Timing,
    Verdict,
)

logger = logging.getLogger(__name__)

T = TypeVar("T")
_RESULT: Final = TypeAdapter(ExecutionResult)
_REFUSED: Final = TypeAdapter(RefusedItem)


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished place of a batch."""

    index: int
    verdict: str  # or "refused"
    json: bytes


Finished = AsyncGenerator[list[Entry], None]
# Writes are dear: of a large batch what finishes in this time travels together.
HOLD_S: Final = 0.01
_HOLD_FROM: Final = 16  # places that are still to come


class Judging(Protocol):
    """What gives a submission its verdicts."""

    async def judge(
        self, submission: Submission, *, queued_at: float | None = None
    ) -> ExecutionResult:
        """Never raises for anything a program did."""
        ...


class Dispatcher:
    """The way of a submission from its admission to its result."""

    def __init__(
        self,
        judge: Judging,
        admission: Admission,
        metrics: Metrics,
        *,
        num_slots: int,
        isolation: Isolation,
        is_busy: Callable[[], bool],
    ) -> None:
        """Joins the parts.

        Args:
            judge: Gives the verdicts.
            admission: Told of every submission that ends.
            metrics: Told of every wait and result.
            num_slots: Submissions handed to the judge at a time.
            isolation: Named in the results that no sandbox made.
            is_busy: True while some sandbox works, so that waiting longer makes sense.
        """
        self._judge = judge
        self._admission = admission
        self._metrics = metrics
        self._num_slots = num_slots
        self._slots = asyncio.Semaphore(num_slots)
        self._isolation = isolation
        self._is_busy = is_busy
        self._running: set[asyncio.Task[Any]] = set()

    async def while_connected(self, receive: Receive, work: Coroutine[Any, Any, T]) -> T:
        """Gives what ``work`` returns; cancels it when the client goes away.

        Raises:
            ClientDisconnect: It did.
            ShuttingDownError: ``abort`` was called meanwhile.
        """
        task = asyncio.create_task(work)
        gone = asyncio.create_task(_disconnected(receive))
        self._running.add(task)
        try:
            await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                self._metrics.note_abandoned()
                raise ClientDisconnect
            if task.cancelled():
                raise ShuttingDownError("the executor stopped before the answer was there")
            return task.result()
        finally:
            self._running.discard(task)
            task.cancel()
            gone.cancel()
            await asyncio.gather(task, gone, return_exceptions=True)

    def abort(self) -> None:
        """Cancels everything that still runs."""
        for task in self._running:
            task.cancel()

    async def run(self, submission: Submission, queued_at: float) -> ExecutionResult:
        """Judges one submission when its turn comes.

        Raises:
            PoolTimeoutError: No sandbox came free in time.
            ShuttingDownError: The pool is closing.
        """
        async with self._slots:
            self._metrics.note_turn(monotonic() - queued_at)
            try:
                result = await self._judge.judge(submission, queued_at=queued_at)
            except (PoolTimeoutError, ShuttingDownError):
                raise
            except (
                Exception
            ) as error:  # the boundary: a fault of ours is a verdict, never a lost batch
                logger.exception(
                    "submission not judged", extra={"num_tests": len(submission.tests)}
                )
                result = self._internal_error(submission, error)
        self._metrics.note_result(result)
        self._admission.note_finished(monotonic())
        return result

    async def run_batch(
        self, entries: Sequence[Submission | RefusedItem], ticket: Ticket, queued_at: float
    ) -> Finished:
        """Gives every entry's place and result, as JSON, as they finish.

        Places of the ticket are freed as results are taken, so that what a slow reader leaves here
        stays bounded.
        """
        # A reader slower than the sandboxes holds them up rather than filling our memory.
        finished: asyncio.Queue[Entry] = asyncio.Queue(maxsize=max(2 * self._num_slots, _HOLD_FROM))
        waiting: list[tuple[int, Submission]] = []
        for index, entry in enumerate(entries):
            if isinstance(entry, RefusedItem):
                self._metrics.note_refused("invalid-request")
                yield [Entry(index, "refused", encode(entry))]
                ticket.leave()
            else:
                waiting.append((index, entry))
        turns = iter(waiting)
        workers = [
            asyncio.create_task(self._work(turns, finished, queued_at))
            for _ in range(min(self._num_slots, len(waiting)))
        ]
        try:
            num_left = len(waiting)
            while num_left:
                together = [await finished.get()]
                if num_left > _HOLD_FROM:
                    await asyncio.sleep(HOLD_S)
                while not finished.empty():
                    together.append(finished.get_nowait())
                num_left -= len(together)
                yield together
                ticket.leave(len(together))
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _work(
        self,
        turns: Iterator[tuple[int, Submission]],
        finished: asyncio.Queue[Entry],
        queued_at: float,
    ) -> None:
        for index, submission in turns:
            result = await self._run_patiently(submission, queued_at)
            await finished.put(Entry(index, result.verdict, encode(result)))

    async def _run_patiently(self, submission: Submission, queued_at: float) -> ExecutionResult:
        """As ``run``, but one submission never ends its batch.

        It waits on while sandboxes work; what is no verdict then is an ``internal_error``.
        """
        while True:
            try:
                return await self.run(submission, queued_at)
            except PoolTimeoutError as error:
                if not self._is_busy():
                    return self._internal_error(submission, error)
            except ShuttingDownError as error:
                return self._internal_error(submission, error)

    def _internal_error(self, submission: Submission, error: Exception) -> ExecutionResult:
        message = (
            str(error) if isinstance(error, ExecutorError) else "the fault is the executor's own"
        )
        info = ErrorInfo(type=type(error).__name__, message=message)
        num_tests = max(1, len(submission.tests))
        return ExecutionResult(
            id=submission.id,
            verdict=Verdict.INTERNAL_ERROR,
            passed=0,
            total=num_tests,
            tests=[
                TestResult(index=index, verdict=Verdict.INTERNAL_ERROR, error=info)
                for index in range(num_tests)
            ],
            error=info,
            timing=Timing(queue_ms=0.0, run_ms=0.0, total_ms=0.0),
            isolation=self._isolation,
        )


def encode(entry: ExecutionResult | RefusedItem) -> bytes:
    """Spells a result as JSON."""
    try:
        if isinstance(entry, RefusedItem):
            return _REFUSED.dump_json(entry)
        return _RESULT.dump_json(entry)
    except PydanticSerializationError:  # a lone surrogate; escaped, JSON can spell it
        return json.dumps(entry.model_dump(), ensure_ascii=True).encode("ascii")


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
