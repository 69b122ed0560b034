"""The runner's loop.

Take a submission, give its tests to processes, report, start over. Holds no content.
"""

import os
import signal
import time
from typing import Any

from . import program, wire
from .confine import Host
from .launch import Launcher, Process, StuckError
from .meters import Bounds, Meters
from .watch import (
    CancelledByServiceError,
    Control,
    ServiceGoneError,
    SetupError,
    Watch,
    Watched,
)

_TRIAL_S = 20.0
_EMPTY_JOB: dict[str, object] = {
    **{name: [0, 0] for name in ("source", "prelude", "setup")},
    "limits": {"cpu_s": 10, "processes": 16, "memory_mb": 64},
    "coverage": False,
    "tests": [[0, 0, 0]],
    "probes": False,
    "fresh": False,
}


class Server:
    """Serves one submission at a time on ``stdin_fd`` and ``stdout_fd``."""

    def __init__(self, host: Host, meters: Meters, *, stdin_fd: int, stdout_fd: int) -> None:
        self._host = host
        self._meters = meters
        self._inbox = wire.Inbox(stdin_fd)
        self._outbox = wire.Outbox(stdout_fd)
        self._stdin_fd = stdin_fd
        self._launcher = Launcher(host, program.child_main)
        self._payload_fd = -1
        self._waiting: Process | None = None

    def serve(self, hello: dict[str, object]) -> None:
        """Greet the service, then serve until it closes the stream or there is doubt."""
        self._prepare()
        self._outbox.put_json(wire.HELLO, 0, hello)
        self._outbox.flush()
        while True:
            request = self._inbox.read_request(self._payload_fd)
            if request is None:
                break
            if request["op"] == "ping":
                self._outbox.put(wire.PONG, 0, b"")
                self._outbox.flush()
            elif request["op"] == "run":
                doubt = self._run(request)
                self._outbox.put_json(wire.DONE, 0, {"condemned": doubt})
                self._outbox.flush()
                if doubt:
                    break
                self._prepare()
        if self._waiting is not None:
            self._waiting.end()

    def try_out(self) -> str | None:
        """Launch a process and run nothing in it; gives the reason if this host does not let it."""
        payload_fd = os.memfd_create("payload", os.MFD_CLOEXEC)
        try:
            process = self._launcher.launch(payload_fd)
        except OSError as error:
            os.close(payload_fd)
            return str(error)
        try:
            process.go(_EMPTY_JOB)
            if process.is_heard(_TRIAL_S):
                return None
            return f"a process does not start: {process.complaint()}"
        finally:
            process.end()
            process.close()
            os.close(payload_fd)

    def _prepare(self) -> None:
        """Fork the first process of the next submission now, while nobody waits for it."""
        self._payload_fd = os.memfd_create("payload", os.MFD_CLOEXEC)
        self._waiting = self._launcher.launch(self._payload_fd)

    def _run(self, request: dict[str, Any]) -> str | None:
        """Run a submission.

        Gives the reason why this runner should not be used again, if there is one.
        """
        control = Control(self._inbox, self._stdin_fd, self._payload_fd)
        try:
            doubt = _Run(self, request, control).run()
        except CancelledByServiceError:
            doubt = None
        except ServiceGoneError:
            doubt = "service gone"
        except StuckError:
            return "a process would not die"
        except SetupError:
            return "setup"
        finally:
            os.close(self._payload_fd)
        try:
            if self._waiting is not None:  # it holds the old payload
                self._waiting.end()
                self._waiting.close()
                self._waiting = None
        except StuckError:
            return "a process would not die"
        return doubt or ("files left behind" if self._launcher.is_littered() else None)

    def take_process(self) -> Process:
        """The process that waits, or a new one."""
        process, self._waiting = self._waiting, None
        return process or self._launcher.launch(self._payload_fd)


class _Run:
    """One submission on its way through the runner."""

    def __init__(self, server: Server, request: dict[str, Any], control: Control) -> None:
        self._server = server
        self._request = request
        self._control = control
        self._bounds = Bounds(request["limits"], server._meters)
        self._outbox = server._outbox
        self._stopped = False

    def run(self) -> str | None:
        doubt = self._run_probes(self._request["probes"])
        if doubt == "compile":
            return None
        if doubt is not None or self._stopped:
            return doubt
        return self._run_stdio(self._request["stdio"])

    def _run_probes(self, probes: list[list[int]]) -> str | None:
        while probes and not self._stopped:
            if self._total_is_over(probes):
                return None
            seen, outcome = self._watch(probes, probes=True)
            probes = probes[seen.tests_done :]
            if seen.stopped or not probes:
                self._stopped = seen.stopped or not self._may_go_on(
                    more=bool(self._request["stdio"])
                )
                return None
            self._outbox.put_json(wire.OUTCOME, probes[0][0], outcome)
            if seen.tampered:
                return "tampered"
            if outcome["phase"] == "compile":  # stands for every test that is left
                return "compile"
            if outcome["phase"] != "test":  # stands for every probe that is left
                self._stopped = not self._may_go_on(more=bool(self._request["stdio"]))
                return None
            probes = probes[1:]
            self._stopped = not self._may_go_on(more=bool(probes or self._request["stdio"]))
        return None

    def _run_stdio(self, tests: list[list[int]]) -> str | None:
        for position, test in enumerate(tests):
            if self._total_is_over(tests[position:]):
                return None
            seen, outcome = self._watch([test], probes=False)
            self._outbox.put_json(wire.OUTCOME, test[0], outcome)
            if seen.tampered:
                return "tampered"
            if outcome["phase"] == "compile" or not self._may_go_on(more=position + 1 < len(tests)):
                return None
        return None

    def _watch(self, tests: list[list[int]], *, probes: bool) -> tuple[Watched, dict[str, Any]]:
        process = self._server.take_process()
        request = self._request
        process.go(
            {
                **{
                    name: request[name]
                    for name in ("source", "prelude", "setup", "limits", "coverage")
                },
                "tests": tests,
                "probes": probes,
                "fresh": request["fresh_process"],
            }
        )
        watch = Watch(
            process,
            self._bounds,
            self._outbox,
            self._control,
            [test[0] for test in tests],
            self._server._meters.oom,
            probes=probes,
            stepwise=request["stepwise"],
            prompt=request["prompt"],
        )
        try:
            seen = watch.run()
        finally:
            status, cpu_s, memory_kb = process.end()
            process.close()
        watch.look_for_kills()
        return seen, _outcome(
            seen, status, cpu_s, memory_kb, (time.monotonic() - watch.started) * 1000
        )

    def _total_is_over(self, tests: list[list[int]]) -> bool:
        if time.monotonic() < self._bounds.deadline:
            return False
        for test in tests:
            self._outbox.put_json(wire.OUTCOME, test[0], {"phase": "test", "limit": "total"})
        return True

    def _may_go_on(self, *, more: bool) -> bool:
        if not self._request["stepwise"] or not more:
            return True
        self._outbox.flush()
        return self._control.may_go_on()


def _outcome(
    seen: Watched, status: int, cpu_s: float, memory_kb: int, wall_ms: float
) -> dict[str, Any]:
    """The runner's own words on how a process ended."""
    phase = "test" if seen.loaded else "load"
    if seen.said == wire.SYNTAX:
        phase = "compile"
    outcome: dict[str, object] = {
        "phase": phase,
        "wall_ms": round(wall_ms, 3),
        "cpu_ms": round(cpu_s * 1000, 3),
        "memory_kb": memory_kb,
        "flags": seen.flags,
    }
    if seen.limit_hit:
        outcome["limit"] = seen.limit_hit
    elif seen.tampered:
        outcome["tampered"] = True
    elif os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        outcome["signal"] = number
        if number == signal.SIGXCPU:  # the rlimit behind our own clock
            outcome["limit"] = "cpu"
            del outcome["signal"]
    else:
        outcome["exit"] = os.WEXITSTATUS(status)
    return outcome
