"""One program process, watched to its end: time, CPU, output and protocol, from outside of it."""

import os
import select
import struct
import time

from . import wire
from .launch import Process
from .meters import Bounds, OomCounter

_HOLD_MS = 2  # frames wait that long for others: each write passes through the engine
_STACK_WAIT_MS = 100
_STACK_GAP_MS = 10
_STACK_S = 0.2  # in all: the program could write to that descriptor, a byte at a time
_SETUP_S = 10.0
_MAX_STACK = 16 * 1024
_DIED = struct.Struct(">ii")
_buffer = memoryview(bytearray(wire.BUFFER))


class CancelledByServiceError(Exception):
    """The service no longer wants the answer."""


class ServiceGoneError(Exception):
    """The service closed the stream."""


class SetupError(Exception):
    """The child failed before it touched the program: our fault, not the program's."""


class Watched:
    """How a process ended, and how far it had come."""

    __slots__ = ("flags", "limit_hit", "loaded", "said", "stopped", "tampered", "tests_done")

    def __init__(self, *, loaded: bool) -> None:
        self.tests_done = 0
        self.limit_hit: str | None = None
        self.tampered = False
        self.said: int | None = None  # the last word of the process: SYNTAX, UNCAUGHT or FINISHED
        self.loaded = loaded
        self.stopped = False  # the service wants no further test
        self.flags: list[str] = []


class Watch:
    """Runs the poll loop for one process. ``indices`` are the tests it is to run, in order."""

    def __init__(
        self,
        process: Process,
        bounds: Bounds,
        outbox: wire.Outbox,
        control: "Control",
        indices: list[int],
        oom: OomCounter,
        *,
        probes: bool,
        stepwise: bool,
        prompt: bool,
    ) -> None:
        self._process = process
        self._bounds = bounds
        self._outbox = outbox
        self._control = control
        self._indices = indices
        self._oom = oom
        self._kills_before = oom.read()
        self._probes = probes
        self._stepwise = stepwise
        self._prompt = prompt
        self._ready = False
        self._head = bytearray()
        self._kind = 0
        self._remaining = 0
        self._output = [0, 0]
        self.started = time.monotonic()
        self._cpu_start = 0.0
        self._cpu_due = 0.0  # no earlier can the CPU limit be reached
        self.seen = Watched(loaded=not probes)

    @property
    def index(self) -> int:
        """The test that is running, or the first one while the program loads."""
        return self._indices[min(self.seen.tests_done, len(self._indices) - 1)]

    def run(self) -> Watched:
        """Watch until the process has ended, broken a limit, forged a frame, or answered all.

        The family is dead when this returns.

        Raises:
            CancelledByServiceError, ServiceGoneError, SetupError: See there.
        """
        process = self._process
        poller = select.poll()
        for fd in (
            process.result,
            process.stdout,
            process.stderr,
            process.exit.fd,
            self._control.fd,
        ):
            poller.register(fd, select.POLLIN)
        exited = False
        while not exited:
            events = poller.poll(self._timeout_ms())
            if not events:
                self._outbox.flush()
            for fd, event in events:
                if fd == process.exit.fd:
                    exited = process.exit.has_come()
                elif fd == self._control.fd:
                    self._control.interrupted()
                elif fd == process.result:
                    self._read_result()
                elif fd == process.stdout:
                    self._read_output(process.stdout, wire.STDOUT)
                else:
                    self._read_output(process.stderr, wire.STDERR)
                if event & select.POLLHUP and not event & select.POLLIN and fd != process.exit.fd:
                    poller.unregister(fd)
            if self._over() or self._check_time():
                break
        if self._prompt and self._is_answered():
            self._outbox.flush()  # who waits for the answer need not wait for the family's end
        process.end()
        if not self._over():
            self._drain()
        if not self._ready and not self.seen.limit_hit:
            raise SetupError
        return self.seen

    def _over(self) -> bool:
        seen = self.seen
        return bool(seen.limit_hit or seen.tampered or seen.stopped or self._is_answered())

    def _is_answered(self) -> bool:
        """Whether every test of the process has answered, so that it has no more to do."""
        return self._probes and self.seen.tests_done == len(self._indices)

    def _timeout_ms(self) -> int:
        now = time.monotonic()
        left = min(self.started + self._wall_s, self._bounds.deadline) - now
        if self._ready:
            left = min(left, self._cpu_due - now)
            for meter in self._bounds.memory:
                left = min(left, meter.EVERY_S)
        wait_ms = max(int(left * 1000) + 1, 0)
        return min(wait_ms, _HOLD_MS) if self._outbox.holds_frames else wait_ms

    @property
    def _wall_s(self) -> float:
        """Time from ``started``. What comes before the program's turn is not the program's."""
        return self._bounds.wall_s if self._ready else _SETUP_S

    def _check_time(self) -> bool:
        now = time.monotonic()
        if now >= self._bounds.deadline:
            self.seen.limit_hit = "total"
        elif now - self.started >= self._wall_s:
            if not self._ready:
                raise SetupError
            self.seen.limit_hit = "wall"
        elif self._ready and now >= self._cpu_due and self._cpu_left_s() <= 0:
            self.seen.limit_hit = "cpu"
        elif self._ready and any(meter.is_exceeded() for meter in self._bounds.memory):
            self.seen.limit_hit = "memory"
        else:
            return False
        self._process.ask_for_stack()
        self._read_stack(wait_ms=_STACK_WAIT_MS)
        return True

    def _cpu_left_s(self) -> float:
        """CPU time that is left, after which the next look at the meter is due."""
        bounds = self._bounds
        left = bounds.cpu_s - (bounds.cpu.read_s(self._process.pid) - self._cpu_start)
        self._cpu_due = time.monotonic() + max(left / bounds.cores, 0.002)
        return left

    def _read_stack(self, wait_ms: int = 0) -> bool:
        """Forward where the interpreter says it was; gives whether it says anything.

        Best effort: the program can suppress it or forge it.
        """
        poller = select.poll()
        poller.register(self._process.trace, select.POLLIN)
        gap_ms = _STACK_GAP_MS if wait_ms else 0  # it comes in many small writes
        count = 0
        deadline = time.monotonic() + _STACK_S
        while count < _MAX_STACK and time.monotonic() < deadline and poller.poll(wait_ms):
            read = os.readv(self._process.trace, [_buffer[count:_MAX_STACK]])
            if not read:
                break
            count += read
            wait_ms = gap_ms
        if not count:
            return False
        self._outbox.put(wire.STACK, self.index, _buffer[:count])
        wire.wipe(_buffer, count)
        return True

    def _drain(self) -> None:
        """Take what the dead family left in its pipes."""
        while self._read_result() and not self._over():
            pass
        for fd, kind in ((self._process.stdout, wire.STDOUT), (self._process.stderr, wire.STDERR)):
            while self._read_output(fd, kind) and not self._over():
                pass
        if not self._over() and self._read_stack() and not os.WIFSIGNALED(self._process.end()[0]):
            self.seen.flags.append("foreign_descriptor")

    def _read_output(self, fd: int, kind: int) -> int:
        try:
            count = os.readv(fd, [_buffer])
        except BlockingIOError:
            return 0
        if not count:
            return 0
        which = kind - wire.STDOUT
        kept = min(count, self._bounds.output_bytes - self._output[which])
        self._output[which] += count
        if kept > 0:
            for start in range(0, kept, wire.BUFFER // 2):
                self._outbox.put(
                    kind, self.index, _buffer[start : min(kept, start + wire.BUFFER // 2)]
                )
        wire.wipe(_buffer, count)
        if self._output[which] > self._bounds.output_bytes and self.seen.said != wire.UNCAUGHT:
            # after its last words it is the interpreter that writes, the traceback
            self.seen.limit_hit = self.seen.limit_hit or "output"
        return count

    def _read_result(self) -> int:
        try:
            count = os.readv(self._process.result, [_buffer])
        except BlockingIOError:
            return 0
        # The frames are taken out of a copy's place in one go: forwarding a test's output in
        # between reuses _buffer.
        data = memoryview(bytearray(_buffer[:count]))
        wire.wipe(_buffer, count)
        position = 0
        seen = self.seen
        while position < count and not (seen.tampered or seen.stopped or seen.limit_hit):
            position = self._take(data, position, count)
        data[:] = bytes(count)
        return count

    def _take(self, data: memoryview, position: int, count: int) -> int:
        """Consume a header, or a part of a payload, from ``position``.

        Gives the position after it.
        """
        if not self._remaining:
            end = min(position + wire.CHILD_FRAME.size - len(self._head), count)
            self._head += data[position:end]
            if len(self._head) == wire.CHILD_FRAME.size:
                length, self._kind, index = wire.CHILD_FRAME.unpack(self._head)
                self._head.clear()
                if not self._expected(self._kind, index, length):
                    self.seen.tampered = True
                    self.seen.flags.append("forged_frame")
                    return count
                self._remaining = length
                if not length:
                    self._frame_ended(data[end:end])
            return end
        end = min(position + self._remaining, count)
        self._remaining -= end - position
        if self._remaining:
            self._outbox.put(wire.REPORT_PART, self.index, data[position:end])
        else:
            self._frame_ended(data[position:end])
        return end

    def _expected(self, kind: int, index: int, length: int) -> bool:
        """Whether this frame may come now.

        Anything else did not come from our code in the child.
        """
        seen = self.seen
        if not self._ready:
            return kind == wire.READY and not length
        if seen.said is not None or index != self.index or self._over():
            return False
        if kind == wire.LOADED:
            return self._probes and not seen.loaded and not length
        if kind == wire.TESTED:
            return self._probes and seen.loaded and 0 < length <= wire.MAX_REPORT
        if kind == wire.DIED:
            return self._probes and seen.loaded and length == _DIED.size
        if kind == wire.FINISHED:
            return not self._probes and 0 < length <= wire.MAX_REPORT
        return (
            kind in (wire.SYNTAX, wire.UNCAUGHT)
            and 0 < length <= wire.MAX_REPORT
            and (not self._probes or not seen.loaded)
        )

    def _frame_ended(self, part: memoryview) -> None:
        kind, seen = self._kind, self.seen
        if kind == wire.READY:
            self._ready = True
            for meter in self._bounds.memory:
                meter.begin(self._bounds.memory_mb)
            self._restart_clock()
        elif kind == wire.LOADED:
            seen.loaded = True
            self._restart_clock()
        elif kind in (wire.TESTED, wire.DIED):
            self._test_ended(part)
        else:
            self._outbox.put(wire.LAST_WORDS, self.index, part)
            seen.said = kind

    def _test_ended(self, part: memoryview) -> None:
        index = self.index
        for fd, kind in ((self._process.stdout, wire.STDOUT), (self._process.stderr, wire.STDERR)):
            while self._read_output(fd, kind) and not self.seen.limit_hit:
                pass
        self.look_for_kills()
        if self.seen.limit_hit:
            return  # this test ends by its output or its memory, whatever it answered
        if self._kind == wire.TESTED:
            self._outbox.put(wire.REPORT, index, part)
        else:
            exit_code, signal_number = _DIED.unpack(part)
            if signal_number:
                self._read_stack()
            self._outbox.put_json(
                wire.OUTCOME,
                index,
                {
                    "phase": "test",
                    "exit": None if signal_number else exit_code,
                    "signal": signal_number or None,
                },
            )
        self._output = [0, 0]
        self.seen.tests_done += 1
        if self.seen.tests_done < len(self._indices):
            if self._is_next_wanted():
                self._process.step()
            else:
                self.seen.stopped = True
        self._restart_clock()

    def look_for_kills(self) -> None:
        """Note it if a process was killed for want of memory, be it not the main one."""
        if self._oom.read() > self._kills_before and not self.seen.limit_hit:
            self.seen.limit_hit = "memory"

    def _is_next_wanted(self) -> bool:
        if not self._stepwise:
            return True
        self._outbox.flush()
        return self._control.may_go_on()

    def _restart_clock(self) -> None:
        bounds = self._bounds
        self.started = time.monotonic()
        self._cpu_start = bounds.cpu.read_s(self._process.pid)
        self._cpu_due = self.started + bounds.cpu_s / bounds.cores


class Control:
    """What the service may say while a submission runs: go on, stop, or cancel."""

    def __init__(self, inbox: wire.Inbox, fd: int, payload_fd: int) -> None:
        self.fd = fd
        self._inbox = inbox
        self._payload_fd = payload_fd

    def interrupted(self) -> None:
        """The service spoke while a test ran: it can only mean to cancel."""
        request = self._inbox.read_request(self._payload_fd)
        if request is None:
            raise ServiceGoneError
        if request["op"] == "cancel":
            raise CancelledByServiceError

    def may_go_on(self) -> bool:
        """Wait for the service's word on whether the next test is wanted."""
        request = self._inbox.read_request(self._payload_fd)
        if request is None:
            raise ServiceGoneError
        if request["op"] == "cancel":
            raise CancelledByServiceError
        return bool(request["op"] == "go")
