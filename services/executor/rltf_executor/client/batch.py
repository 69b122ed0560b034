"""Batches of any size: cut into requests, streamed back; what is missing is sent again."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from rltf_executor.client import answers, codec
from rltf_executor.client.channel import Channel
from rltf_executor.client.codec import EncodedSubmission
from rltf_executor.client.endpoints import Endpoint
from rltf_executor.client.errors import ExecutorRefusedError, UnexpectedAnswerError
from rltf_executor.client.retry import Attempts, Fault
from rltf_executor.schema import ExecutionResult, RefusedItem, Verdict

Entry = ExecutionResult | RefusedItem
Emit = Callable[[tuple[int, Entry]], None]

_NDJSON: Final = "application/x-ndjson"
_TOO_LARGE: Final = 413
_OF_ONE_ITEM: Final = (_TOO_LARGE, 422)
_TRANSIENT: Final = (429, 503)


async def stream(
    channel: Channel, items: Sequence[EncodedSubmission], *, batch_size: int, max_body_bytes: int
) -> AsyncGenerator[tuple[int, Entry], None]:
    """Yields ``(index, entry)`` as submissions are judged; closing it cancels what still runs."""
    share = -(-len(items) // len(channel.balancer.endpoints))  # every URL gets a part
    requests = codec.split(
        items, max_items=max(1, min(batch_size, share)), max_bytes=max_body_bytes
    )
    events: asyncio.Queue[tuple[int, Entry] | asyncio.Task[None]] = asyncio.Queue()
    workers = [
        asyncio.create_task(_work_off(channel, requests, events.put_nowait))
        for _ in range(min(channel.max_concurrency, len(items)))
    ]
    for worker in workers:
        worker.add_done_callback(events.put_nowait)
    try:
        num_working = len(workers)
        while num_working:
            event = await events.get()
            if isinstance(event, asyncio.Task):
                event.result()  # raises what ended it
                num_working -= 1
            else:
                yield event
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


async def _work_off(
    channel: Channel, requests: Iterator[list[EncodedSubmission]], emit: Emit
) -> None:
    for items in requests:  # shared: each worker takes the next
        await _Request(channel, items, emit).run()


class _Request:
    """Submissions that travel together, until each has its entry."""

    def __init__(self, channel: Channel, items: Sequence[EncodedSubmission], emit: Emit) -> None:
        self._channel = channel
        self._emit = emit
        self._pending = {item.index: item for item in items}
        self._num_unjudged = dict.fromkeys(self._pending, 0)  # internal_error verdicts so far
        self._attempts = Attempts(channel.retry)
        self._window = len(items)  # submissions sent at a time; halved when the queue has no room

    async def run(self) -> None:
        """Emits one entry for every submission.

        Raises:
            ExecutorClientError: No executor takes them.
        """
        while self._pending:
            try:
                await self._channel.exchange(
                    self._send, num_submissions=len(self._next_items()), attempts=self._attempts
                )
            except ExecutorRefusedError as error:
                await self._refused(error)
                return
            num_rounds = min((self._num_unjudged[index] for index in self._pending), default=0)
            if num_rounds:  # all that is left are internal errors
                await asyncio.sleep(self._channel.retry.pause_s(num_rounds))

    def _next_items(self) -> list[EncodedSubmission]:
        return list(islice(self._pending.values(), self._window))

    async def _refused(self, error: ExecutorRefusedError) -> None:
        """Finds the submissions at fault where a whole request is refused for one of them."""
        items = list(self._pending.values())
        if error.problem.status not in _OF_ONE_ITEM:
            raise error
        if len(items) == 1:
            entry = RefusedItem(id=items[0].id, problem=error.problem)
            self._emit((items[0].index, entry))
            return
        middle = len(items) // 2
        for half in (items[:middle], items[middle:]):
            await _Request(self._channel, half, self._emit).run()

    async def _send(self, endpoint: Endpoint) -> None:
        """Sends what is next and reads entries until the last or a lost connection."""
        items = self._next_items()
        try:
            await self._read_entries(endpoint, items)
        except Fault as fault:
            if fault.is_overload:
                self._window = max(1, len(items) // 2)
            raise
        self._window *= 2

    async def _read_entries(self, endpoint: Endpoint, items: list[EncodedSubmission]) -> None:
        timeouts = self._channel.timeouts
        answer_s = [timeouts.answer_s(item.total_s) for item in items]
        unanswered = set(range(len(items)))
        overloads: list[str] = []
        async with self._channel.request(
            endpoint,
            "POST",
            "/execute/batch",
            content=codec.batch_body(items),
            accept=_NDJSON,
            silence_s=max(answer_s),
            within_s=sum(answer_s) + timeouts.write_s,
        ) as response:
            async for line in answers.lines(response):
                entry = answers.parse(codec.ITEM, line, endpoint.url)
                if entry.index not in unanswered:
                    raise UnexpectedAnswerError(
                        f"{endpoint.url} answered item {entry.index} of {len(items)} unasked"
                    )
                unanswered.discard(entry.index)
                self._settle(items[entry.index], entry.result, overloads)
        if unanswered:
            raise Fault(f"the answer ended with {len(unanswered)} of {len(items)} entries missing")
        if overloads:
            raise Fault(overloads[0], is_overload=True)

    def _settle(self, item: EncodedSubmission, entry: Entry, overloads: list[str]) -> None:
        """Emits an entry, unless the submission is to be sent again."""
        if isinstance(entry, RefusedItem) and entry.problem.status in _TRANSIENT:
            overloads.append(
                f"{entry.problem.status} {entry.problem.title}: {entry.problem.detail}"
            )
            return
        if isinstance(entry, ExecutionResult) and entry.verdict is Verdict.INTERNAL_ERROR:
            self._num_unjudged[item.index] += 1
            if self._num_unjudged[item.index] <= self._channel.retry.max_internal_errors:
                return
        del self._pending[item.index]
        self._attempts.progressed()
        self._emit((item.index, entry))
