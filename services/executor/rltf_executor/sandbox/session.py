"""A warm sandbox: a started container (or local process) and the runner that answers in it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from rltf_executor.errors import (
    IsolationError,
    RunnerMismatchError,
    SandboxLostError,
    SandboxUnavailableError,
)
from rltf_executor.sandbox import frames
from rltf_executor.sandbox.base import Outcome, Plan, StdioRun
from rltf_executor.sandbox.channel import Channel
from rltf_executor.sandbox.collector import Collector
from rltf_executor.sandbox.options import RUNNER_DIGEST
from rltf_executor.schema import Isolation, Runtime

logger = logging.getLogger(__name__)

_ANSWER_GRACE_S = (
    15.0  # the runner keeps the limits itself; silence beyond them means that it is gone
)
_CANCEL_S = 3.0
_SETTLE_S = 15.0  # the runner gives a killed family five seconds, twice, and then says so
_MIB = 1024 * 1024
_SPARE_BYTES = 4 * _MIB  # of a plan, that fit beside the runner as it is


class SetupFailedError(SandboxLostError):
    """The sandbox failed before the program had a turn: never the program's doing."""


class WarmSandbox:
    """One sandbox. Runs one plan at a time; whoever holds its lease owns it."""

    def __init__(
        self,
        name: str,
        channel: Channel,
        destroy: Callable[[], Awaitable[None]],
        set_memory: Callable[[int], Awaitable[None]] | None = None,
        was_interfered: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        """Wrap a connected channel.

        Args:
            name: Identity in logs.
            channel: The runner's stream.
            destroy: Removes the sandbox and everything in it.
            set_memory: Changes its memory limit (MiB for programs); None where it is per process.
            was_interfered: Whether a loss was brought about from outside of the sandbox; None where
                nobody can tell.
        """
        self.name = name
        self.isolation = Isolation(backend="none", runtime="none", level="none")
        self.runtime = Runtime(language="python", version="")
        self.memory_mb = 0
        self.num_runs = 0
        self.is_prompt = True  # answers at once; see ``frames.encode_plan``
        self.condemned: str | None = None
        self.idle_since = time.monotonic()
        self._channel = channel
        self._destroy = destroy
        self._set_memory = set_memory
        self._was_interfered = was_interfered
        self._closed: asyncio.Task[None] | None = None
        self._collector: Collector | None = None
        self._answered: asyncio.Future[None] | None = None  # every outcome of a run is known
        self._done: asyncio.Future[None] | None = None  # and the runner is ready for another
        self._was_cancelled = False
        self._pong: asyncio.Future[None] | None = None
        self._hello: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._hello.add_done_callback(_look_at)
        channel.on_frame = self._take_frame
        channel.lost.add_done_callback(self._notice_loss)

    @property
    def usable(self) -> bool:
        """Whether it may be lent again."""
        return self.condemned is None and self._channel.alive

    async def greet(self, timeout_s: float, *, backend: str, runtime: str) -> None:
        """Wait for the runner's first words.

        Raises:
            IsolationError: The host does not offer it the level it was asked for.
            SandboxUnavailableError: It died or said nothing in time.
        """
        try:
            async with asyncio.timeout(timeout_s):
                hello = frames.decode_own(await self._hello)
        except (TimeoutError, SandboxLostError, frames.ProtocolError) as error:
            complaint = self._channel.complaint.strip()[-300:]
            raise SandboxUnavailableError(
                f"sandbox {self.name} did not start: {error!r} {complaint}"
            ) from error
        if "refused" in hello:
            raise IsolationError(f"sandbox {self.name} refused: {hello['refused']}")
        if hello.get("runner") != RUNNER_DIGEST:
            raise RunnerMismatchError(
                f"sandbox {self.name} holds runner {hello.get('runner')}, "
                f"the service needs {RUNNER_DIGEST}"
            )
        level, version, packages = hello.get("level"), hello.get("python"), hello.get("packages")
        self.isolation = Isolation(backend=backend, runtime=runtime, level=str(level))
        self.runtime = Runtime(
            language="python",
            version=str(version),
            aliases=["python3", "py"],
            packages={name: str(value) for name, value in packages.items()}
            if isinstance(packages, dict)
            else {},
        )

    async def limit_memory(self, memory_mb: int) -> None:
        """Set the memory that a test's processes may use together.

        Raises:
            SandboxUnavailableError: It could not be set.
        """
        if memory_mb == self.memory_mb:
            return
        if self._set_memory is not None:
            try:
                await self._set_memory(memory_mb)
            except BaseException:  # cancelled too: the engine may do it yet, after a later one
                self.condemn("memory limit unknown")
                raise
        self.memory_mb = memory_mb

    async def answers(self, timeout_s: float) -> bool:
        """Whether its runner, which has nothing to do, is still there: it may be paused or hung."""
        pong = self._pong
        if pong is None:
            pong = self._pong = asyncio.get_running_loop().create_future()
            self._channel.send_now(frames.encode_operation("ping"))
        waits: list[asyncio.Future[Any]] = [pong, self._channel.lost]
        await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        return pong.done()

    @property
    def is_settled(self) -> bool:
        """Whether its runner is done with the last run, and all of it ended."""
        return self._done is None or self._done.done()

    async def settle(self) -> None:
        """Wait until it is settled; a sandbox that will not be is condemned."""
        if self._done is None:
            return
        try:
            async with asyncio.timeout(_SETTLE_S):
                await asyncio.shield(self._done)
        except SandboxLostError:
            self.condemn("lost")
        except TimeoutError:
            self.condemn("would not end")

    async def was_interfered(self) -> bool:
        """Whether this sandbox was lost by what happened outside of it: the engine, an operator."""
        return self._was_interfered is not None and await self._was_interfered()

    async def run(self, plan: Plan, proceed: Callable[[Outcome], bool]) -> float:
        """Run a plan; see ``sandbox.base.Sandbox.run``."""
        request = frames.encode_plan(plan, prompt=self.is_prompt)
        await self._make_room(plan, len(request))
        collector = Collector(
            plan, proceed, lambda word: self._channel.send_now(frames.encode_operation(word))
        )
        self._collector = collector
        loop = asyncio.get_running_loop()
        self._answered, self._done = loop.create_future(), loop.create_future()
        for future in (self._answered, self._done):
            future.add_done_callback(_look_at)
        self._was_cancelled = False
        self.num_runs += 1
        started = time.monotonic()
        try:
            async with asyncio.timeout(plan.limits.total_s + _ANSWER_GRACE_S):
                await self._channel.send(request)
                await asyncio.shield(self._answered)  # a cancelled run still waits for its end
        except TimeoutError as error:
            self.condemn("silent")
            raise SandboxLostError(f"sandbox {self.name} fell silent") from error
        except SandboxLostError:
            self.condemn("lost")
            raise
        except asyncio.CancelledError:
            await self._cancel()
            raise
        except Exception:  # of the judge: the runner is still at work
            self.condemn("fault while judging")
            raise
        finally:
            self._collector = None
        self._conclude(collector)
        return (time.monotonic() - started) * 1000

    async def _make_room(self, plan: Plan, num_bytes: int) -> None:
        """Raise the memory limit by what the plan itself takes in the sandbox.

        The runner keeps its content, and a process gets a copy of its stdin.
        """
        if num_bytes <= _SPARE_BYTES or self._set_memory is None:
            return
        largest = max(
            (len(test.stdin) for test in plan.tests if isinstance(test, StdioRun)), default=0
        )
        try:
            await self.limit_memory(plan.limits.memory_mb + (num_bytes + largest) // _MIB + 1)
        except SandboxUnavailableError as error:
            raise SetupFailedError(str(error)) from error

    def _conclude(self, collector: Collector) -> None:
        """Take note of the runner's doubts; raise if it gave up before it was done."""
        if collector.condemned is not None:
            self.condemn(collector.condemned)
        if collector.setup_failed:
            raise SetupFailedError(f"sandbox {self.name} could not set up a process")
        if collector.gave_up:
            raise SandboxLostError(f"sandbox {self.name} gave up: {collector.condemned}")

    async def _cancel(self) -> None:
        """Have the runner drop what it does.

        Shielded: the one who cancelled does not wait for doubt to clear.
        """
        self._collector = None
        self._was_cancelled = True
        if self._done is None or self._done.done():
            return
        self._channel.send_now(frames.encode_operation("cancel"))
        try:
            async with asyncio.timeout(_CANCEL_S):
                await self._done
        except (TimeoutError, SandboxLostError, asyncio.CancelledError):
            self.condemn("would not cancel")

    def condemn(self, reason: str) -> None:
        """Have it destroyed and replaced when its lease ends."""
        if self.condemned is None:
            self.condemned = reason
            logger.info("sandbox condemned", extra={"sandbox": self.name, "reason": reason})

    async def close(self) -> None:
        """Destroy it; once is enough. Goes on where the caller is cancelled."""
        if self._closed is None:
            self._channel.close("closed")
            self._channel.on_frame = None
            self._closed = asyncio.ensure_future(self._destroyed())
        await asyncio.shield(self._closed)

    async def _destroyed(self) -> None:
        await self._destroy()

    def _take_frame(self, kind: int, index: int, payload: bytes) -> None:
        if not self._hello.done():
            if kind == frames.HELLO:
                self._hello.set_result(payload)
                return
            raise frames.ProtocolError("no hello")
        if kind == frames.PONG and self._pong is not None:
            self._pong.set_result(None)
            self._pong = None
            return
        collector, done = self._collector, self._done
        if collector is None or done is None:
            if done is not None and not done.done():
                self._end_cancelled(kind, payload)
                return
            raise frames.ProtocolError(f"frame of kind {kind} while idle")
        try:
            collector.frame(kind, index, payload)
        except frames.ProtocolError:
            raise
        except Exception as error:  # a fault of the judge: for the one who waits, not the stream
            self._complete(error)
            return
        if collector.finished and not done.done():
            if collector.condemned is not None:
                self.condemn(collector.condemned)
            done.set_result(None)
        if collector.finished or collector.running is None:
            self._complete()

    def _complete(self, error: Exception | None = None) -> None:
        """Wake the one who waits for the outcomes of a run."""
        if self._answered is None or self._answered.done():
            return
        if error is None:
            self._answered.set_result(None)
        else:
            self._answered.set_exception(error)

    def _end_cancelled(self, kind: int, payload: bytes) -> None:
        """Take the end of a run that nobody waits for, dropping what a cancelled one still says."""
        if kind != frames.DONE and not self._was_cancelled:
            raise frames.ProtocolError(f"frame of kind {kind} after the last outcome")
        if kind == frames.DONE and self._done is not None:
            doubt = frames.decode_own(payload).get("condemned")
            if doubt is not None:
                self.condemn(str(doubt))
            self._done.set_result(None)

    def _notice_loss(self, lost: "asyncio.Future[str]") -> None:
        error = SandboxLostError(f"sandbox {self.name} lost: {lost.result()}")
        if not self._hello.done():
            self._hello.set_exception(error)
        self._complete(error)
        if self._done is not None and not self._done.done():
            self._done.set_exception(error)


def _look_at(future: "asyncio.Future[Any]") -> None:
    """Mark an exception as seen: nobody may be waiting for it."""
    if not future.cancelled():
        future.exception()
