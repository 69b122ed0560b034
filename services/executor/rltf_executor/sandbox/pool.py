"""The warm pool: sandboxes ready to be lent, replaced at the first doubt."""

import asyncio
import contextlib
import itertools
import logging
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rltf_executor.errors import (
    IsolationError,
    PoolTimeoutError,
    SandboxLostError,
    SandboxUnavailableError,
    ShuttingDownError,
)
from rltf_executor.sandbox.session import SetupFailedError, WarmSandbox
from rltf_executor.schema import Isolation, Runtime

logger = logging.getLogger(__name__)

_RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)
_CHECK_EVERY_S = 5.0
_ANSWER_S = 5.0
_LIMIT_ATTEMPTS = 3


class Backend(Protocol):
    """Makes sandboxes of one kind."""

    name: str
    image_id: str

    async def start(self) -> None:
        """Get ready; raises SandboxUnavailableError."""
        ...

    async def create(self, level: str) -> WarmSandbox:
        """Make one; raises SandboxUnavailableError, or IsolationError for want of ``level``."""
        ...

    async def close(self) -> None:
        """Remove whatever is left."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStatus:
    """How the pool is doing."""

    ready: int
    leased: int
    size: int
    reason: str | None  # why fewer than size are there
    recycles: dict[str, int] = field(default_factory=dict)  # by reason


class Pool:
    """Keeps ``size`` sandboxes warm and lends each to one submission at a time."""

    def __init__(
        self,
        backend: Backend,
        *,
        size: int,
        level: str,
        lease_timeout_s: float,
        max_runs: int,
        max_idle_s: float,
    ) -> None:
        """Prepare a pool; ``start`` fills it."""
        self.size = size
        self.isolation = Isolation(backend=backend.name, runtime="none", level=level)
        self.runtime = Runtime(language="python", version="")
        self.image_id = ""
        self._backend = backend
        self._level = level
        self._lease_timeout_s = lease_timeout_s
        self._max_runs = max_runs
        self._max_idle_s = max_idle_s
        self._alive: set[WarmSandbox] = set()  # all that must be closed in the end
        self._ready: list[WarmSandbox] = []
        self._leased: set[WarmSandbox] = set()
        self._waiters: deque[tuple[asyncio.Future[WarmSandbox], int, bool]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._recycles: Counter[str] = Counter()
        self._missing = 0
        self._reason: str | None = "starting"
        self._closing = False
        self._returned = asyncio.Event()
        self._last_lent = 0.0

    async def start(self) -> None:
        """Make every sandbox.

        Raises:
            SandboxUnavailableError: One could not be made.
            IsolationError: The host does not offer the level.
        """
        try:
            made = await asyncio.gather(
                *(self._create() for _ in range(self.size)), return_exceptions=True
            )
            failures = [failure for failure in made if isinstance(failure, BaseException)]
            if failures:
                refusals = [failure for failure in failures if isinstance(failure, IsolationError)]
                raise (refusals or failures)[0]
        except BaseException:
            await self._destroy_all()
            raise
        self._ready = [sandbox for sandbox in made if isinstance(sandbox, WarmSandbox)]
        self.image_id = self._backend.image_id
        self.isolation, self.runtime = self._ready[0].isolation, self._ready[0].runtime
        self._reason = None
        self._spawn(self._keep_fresh())

    async def _create(self) -> WarmSandbox:
        sandbox = await self._backend.create(self._level)
        self._alive.add(sandbox)
        return sandbox

    async def _destroy(self, sandbox: WarmSandbox) -> None:
        try:
            await sandbox.close()
        except Exception:  # one that cannot be removed must not cost the pool its place
            logger.exception("sandbox not removed", extra={"sandbox": sandbox.name})
        self._alive.discard(sandbox)

    async def _destroy_all(self) -> None:
        await asyncio.gather(*(self._destroy(sandbox) for sandbox in list(self._alive)))

    def status(self) -> PoolStatus:
        """Numbers for ``/readyz`` and metrics."""
        return PoolStatus(
            ready=len(self._ready),
            leased=len(self._leased),
            size=self.size,
            reason="shutting down" if self._closing else self._reason,
            recycles=dict(self._recycles),
        )

    @asynccontextmanager
    async def lease(self, *, memory_mb: int, fresh: bool = False) -> AsyncIterator[WarmSandbox]:
        """Lend one clean sandbox; a used one is checked or replaced before it is lent again.

        Raises:
            PoolTimeoutError: None came free for anybody within ``lease_timeout_s``; or a fresh one
                was lost for a reason that is not the program's.
            ShuttingDownError: The pool is closing.
        """
        sandbox = await self._take_limited(memory_mb, fresh)
        try:
            yield sandbox
        except SandboxLostError as error:
            sandbox.condemn("lost")
            is_ours = isinstance(error, SetupFailedError) or await sandbox.was_interfered()
            if fresh and is_ours:
                raise PoolTimeoutError(f"no sandbox lasted: {error}") from error
            raise
        finally:  # on cancellation too; the one who leaves does not wait for the clean-up
            if sandbox.is_settled or not sandbox.usable:
                self._give_back(sandbox)
            else:
                self._spawn(self._give_back_settled(sandbox))

    async def _take_limited(self, memory_mb: int, fresh: bool) -> WarmSandbox:
        """Take a sandbox and set its memory limit; one whose limit cannot be set is replaced."""
        for _ in range(_LIMIT_ATTEMPTS):
            sandbox = await self._take(memory_mb, fresh)
            try:
                await sandbox.limit_memory(memory_mb)
            except SandboxUnavailableError as error:
                logger.warning("memory limit not set", extra={"reason": str(error)})
                self._give_back(sandbox)
            except BaseException:
                self._give_back(sandbox)
                raise
            else:
                return sandbox
        raise PoolTimeoutError(f"the memory limit of {_LIMIT_ATTEMPTS} sandboxes could not be set")

    async def _take(self, memory_mb: int, fresh: bool) -> WarmSandbox:
        if self._closing:
            raise ShuttingDownError("the executor is shutting down")
        sandbox = self._pick(memory_mb, fresh)
        if sandbox is not None:
            return sandbox
        waiter: asyncio.Future[WarmSandbox] = asyncio.get_running_loop().create_future()
        entry = (waiter, memory_mb, fresh)
        self._waiters.append(entry)
        try:
            await self._wait(waiter)
            return waiter.result()
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._give_back(waiter.result())
            raise
        finally:
            with contextlib.suppress(ValueError):
                self._waiters.remove(entry)

    async def _wait(self, waiter: "asyncio.Future[WarmSandbox]") -> None:
        """Wait for a turn. A long queue that moves is no reason to give up; one that stands is."""
        began = time.monotonic()
        while not waiter.done():
            left = max(began, self._last_lent) + self._lease_timeout_s - time.monotonic()
            if left <= 0:
                raise PoolTimeoutError(
                    f"no sandbox came free within {self._lease_timeout_s:g} s", retry_after_s=1.0
                )
            await asyncio.wait([waiter], timeout=left)

    def _pick(self, memory_mb: int, fresh: bool) -> WarmSandbox | None:
        """A ready sandbox, one with the right memory limit if there is one."""
        best: WarmSandbox | None = None
        for sandbox in self._ready:
            if fresh and sandbox.num_runs:
                continue
            if best is None or (sandbox.memory_mb == memory_mb and best.memory_mb != memory_mb):
                best = sandbox
        if best is None:
            if (
                fresh and self._ready and not self._missing
            ):  # make room: a used one gives its place to a new one
                self._replace(self._ready.pop(), "fresh wanted")
            return None
        self._ready.remove(best)
        if not best.usable:
            self._replace(best, best.condemned or "lost")
            return self._pick(memory_mb, fresh)
        self._leased.add(best)
        best.is_prompt = bool(self._ready) or self.size == 1  # the last one: others are at work
        self._last_lent = time.monotonic()
        return best

    async def _give_back_settled(self, sandbox: WarmSandbox) -> None:
        await sandbox.settle()
        self._give_back(sandbox)

    def _give_back(self, sandbox: WarmSandbox) -> None:
        self._leased.discard(sandbox)
        self._returned.set()
        sandbox.idle_since = time.monotonic()
        if self._closing:
            self._spawn(self._destroy(sandbox))
        elif not sandbox.usable:
            self._replace(sandbox, sandbox.condemned or "lost")
        elif sandbox.num_runs >= self._max_runs:
            self._replace(sandbox, "worn")
        else:
            self._offer(sandbox)

    def _offer(self, sandbox: WarmSandbox) -> None:
        """Hand a clean sandbox to the first who waits for one like it, or keep it ready."""
        self._ready.append(sandbox)
        for entry in list(self._waiters):
            waiter, memory_mb, fresh = entry
            if waiter.done():
                continue
            picked = self._pick(memory_mb, fresh)
            if picked is not None:
                self._waiters.remove(entry)
                waiter.set_result(picked)
            if not self._ready:
                return

    def _replace(self, sandbox: WarmSandbox, reason: str) -> None:
        self._recycles[reason] += 1
        self._missing += 1
        self._spawn(self._renew(sandbox))

    async def _renew(self, sandbox: WarmSandbox) -> None:
        """Destroy a sandbox and make another, however long the engine takes to come back."""
        await self._destroy(sandbox)
        for attempt in itertools.count():
            try:
                renewed = await self._create()
            except Exception as error:  # whatever it is, the pool must not lose the place for good
                self._reason = str(error) or type(error).__name__
                logger.warning(
                    "sandbox not replaced yet",
                    extra={"reason": self._reason, "attempt": attempt},
                    exc_info=not isinstance(error, SandboxUnavailableError),
                )
                await asyncio.sleep(_RETRY_S[min(attempt, len(_RETRY_S) - 1)])
                continue
            self._missing -= 1
            if not self._missing:
                self._reason = None
            self._offer(renewed)
            return

    async def _keep_fresh(self) -> None:
        """Replace sandboxes that died, hung or aged while idle."""
        while not self._closing:
            await asyncio.sleep(_CHECK_EVERY_S)
            now = time.monotonic()
            for sandbox in list(self._ready):
                old = sandbox.num_runs and now - sandbox.idle_since > self._max_idle_s
                if not sandbox.usable or old:
                    self._ready.remove(sandbox)
                    self._replace(sandbox, "idle" if sandbox.usable else "lost")
            asked = list(self._ready)
            answers = await asyncio.gather(*(each.answers(_ANSWER_S) for each in asked))
            for sandbox, has_answered in zip(asked, answers, strict=True):
                if not has_answered and sandbox in self._ready:
                    self._ready.remove(sandbox)
                    self._replace(sandbox, "silent")

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self, grace_s: float = 0.0) -> None:
        """Let running submissions finish for ``grace_s``, then remove every sandbox. Once."""
        if self._closing:
            return
        self._closing = True
        for waiter, _, _ in self._waiters:
            if not waiter.done():
                waiter.set_exception(ShuttingDownError("the executor is shutting down"))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                while self._leased:
                    self._returned.clear()
                    await self._returned.wait()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._ready = []
        await self._destroy_all()
        await self._backend.close()
