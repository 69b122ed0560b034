"""Remembers results, so that the identical completions of a group are run once.

Never remembered: what depends on load (timeouts, memory limits) or is our own fault.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from rltf_executor.schema import ExecutionResult, Submission, Verdict

_LOAD_DEPENDENT: Final = frozenset(
    {Verdict.INTERNAL_ERROR, Verdict.TIMEOUT, Verdict.MEMORY_LIMIT, Verdict.OUTPUT_LIMIT}
)


class ResultCache:
    """Results of submissions, the least recently used leaving first.

    Args:
        max_entries: Results kept.
        environment: What else a result depends on: the digest of the sandbox image, the isolation.
    """

    def __init__(self, max_entries: int, *, environment: str = "") -> None:
        if max_entries < 1:
            raise ValueError(f"max_entries: {max_entries} is less than 1")
        self._max_entries = max_entries
        self._environment = environment
        self._results: OrderedDict[bytes, ExecutionResult] = OrderedDict()
        self._running: dict[bytes, asyncio.Event] = {}
        self.num_hits = 0
        self.num_misses = 0

    def __len__(self) -> int:
        return len(self._results)

    async def result_of(
        self, submission: Submission, judge: Callable[[], Awaitable[ExecutionResult]]
    ) -> tuple[ExecutionResult, bool]:
        """Gives the remembered result, waiting for one in the making, or makes it with ``judge``.

        Returns:
            The result, whose ``id`` and ``timing`` may be another submission's, and whether it was
            remembered.
        """
        try:
            key = self.key(submission)
        except ValueError:  # an integer too long for Python to spell in decimal
            return await judge(), False
        while (running := self._running.get(key)) is not None and key not in self._results:
            await running.wait()
        remembered = self._results.get(key)
        if remembered is not None:
            self._results.move_to_end(key)
            self.num_hits += 1
            return remembered, True
        self.num_misses += 1
        done = self._running[key] = asyncio.Event()
        try:
            result = await judge()
        finally:  # on cancellation too: one that waits takes over
            if self._running.get(key) is done:
                del self._running[key]
            done.set()
        if is_cacheable(result):
            self._results[key] = result
            if len(self._results) > self._max_entries:
                self._results.popitem(last=False)
        return result, False

    def key(self, submission: Submission) -> bytes:
        """Gives what results are remembered by: everything but the submission's id."""
        fields = [self._environment]
        fields.extend(
            repr(getattr(submission, name)) for name in Submission.model_fields if name != "id"
        )
        digest = hashlib.blake2b(digest_size=32)
        for field in fields:
            encoded = field.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8))
            digest.update(encoded)
        return digest.digest()


def is_cacheable(result: ExecutionResult) -> bool:
    """True if every verdict of a result would be the same under another load."""
    return not any(test.verdict in _LOAD_DEPENDENT for test in result.tests)
