"""Inside the child: take the job, load the program, run its tests, report.

The program lives in this process. Nothing here is trusted by anyone: a program can read and change
all of it. It can so far only change what is said about itself, and the answers it is compared with
are not here.
"""

import builtins
import faulthandler
import gc
import json
import json.encoder
import os
import resource
import signal
import struct
import sys
import time
import warnings
from collections.abc import Callable
from types import CodeType
from typing import Any, NoReturn, cast

from . import confine, faults, interpreter, watchers, wire
from .pristine import BUILTINS
from .values import encode

globals()["__builtins__"] = BUILTINS  # the program may patch its own

Report = dict[str, Any]
Steps = list[dict[str, Any]]
Namespace = dict[str, Any]

_LENGTH = struct.Struct(">I")
_DIED = struct.Struct(">ii")
_write, _pack, _exit = os.write, wire.CHILD_FRAME.pack, os._exit
_getpid, _fork, _wait, _kill = os.getpid, os.fork, os.waitpid, os.kill
_pipe, _close, _set_blocking, _read_some = os.pipe, os.close, os.set_blocking, os.read
_exit_code = os.waitstatus_to_exitcode
_exec, _eval, _compile = exec, eval, compile
_BUILTINS = dict(vars(builtins))  # as they are before a program can patch them
_perf, _cpu = time.perf_counter, time.process_time
_rusage, _self = resource.getrusage, resource.RUSAGE_SELF
_register_trace, _unregister_trace = faulthandler.register, faulthandler.unregister
_signal, _pause = signal.signal, signal.pause
_encoder = vars(json.encoder)["c_make_encoder"]  # all in C: nothing in it can be patched
_spell = _encoder(None, None, json.encoder.encode_basestring_ascii, None, ":", ",", *[False] * 3)


def child_main(host: confine.Host) -> None:
    """Wait for a job, run it, end. Never returns normally to the runner's code.

    What can be done before there is a job is done before: nobody waits for it.
    """
    os.chdir(confine.WORK)
    os.umask(0o022)
    confine.reset_signals()
    faulthandler.enable(file=confine.TRACE_FD, all_threads=False)
    _trace_on_signal()
    confine.lock_down(host)
    length = _LENGTH.unpack(_read(confine.GO_FD, 4))[0]
    job = json.loads(_read(confine.GO_FD, length))
    source, prelude, setup = (_content(job[name]) for name in ("source", "prelude", "setup"))
    tests = job["tests"]
    probes = None
    if job["probes"]:
        probes = [json.loads(_content(test[1:]), object_hook=_revive) for test in tests]
    else:
        confine.open_stdin(host, *tests[0][1:])
    with open(faults.PROGRAM, "wb") as file:
        file.write(source)
    os.close(confine.PAYLOAD_FD)
    if probes is None:
        os.close(confine.GO_FD)
    confine.limit_resources(host, job["limits"], len(tests) + 1)
    gc.enable()
    _send(wire.READY, tests[0][0], b"")
    process = _Program(source, prelude, setup, coverage=job["coverage"])
    if probes is None:
        process.run_as_main(tests[0][0])
    else:
        process.run_probes([test[0] for test in tests], probes, fresh=job["fresh"])


def _trace_on_signal() -> None:
    _register_trace(confine.TRACE_SIGNAL, file=confine.TRACE_FD, all_threads=False)


def _read(fd: int, length: int) -> bytes:
    parts = b""
    while len(parts) < length:
        part = _read_some(fd, length - len(parts))
        if not part:
            _exit(0)  # the runner went away
        parts += part
    return parts


def _content(place: list[int]) -> bytes:
    offset, length = place
    return os.pread(confine.PAYLOAD_FD, length, offset) if length else b""


def _revive(value: dict[str, Any]) -> object:
    """Turn the spelling of a very large integer (see ``sandbox/frames.py``) back into one."""
    if len(value) == 1 and "\0int" in value:
        return int(value["\0int"], 16)
    return value


def _dumps(report: Report) -> bytes:
    return "".join(_spell(report, 0)).encode()


def _send(kind: int, index: int, payload: bytes) -> None:
    view = memoryview(_pack(len(payload), kind, index) + payload)
    while view:
        view = view[_write(confine.RESULT_FD, view) :]


def _report(kind: int, index: int, report: Report) -> None:
    """Send a report; one that is too large loses its values and keeps its place."""
    payload = _dumps(report)
    if len(payload) > wire.MAX_REPORT:
        report["values"] = [["x", "size"] for _ in report.get("values", ())]
        payload = _dumps(report)
    _send(kind, index, payload)


def rehearse() -> None:
    """Run a program in the runner itself, reporting to nowhere, for the traces that this leaves.

    Python writes to code it runs for the first times, and to caches it fills; done before a fork,
    none of that has to be done, page by copied page, in every child.
    """
    source = b"import math\ndef f(x):\n    return [x, {'a': (math.pi, 'b')}]\ndef g():\n    1 / 0\n"
    program = _Program(source, b"", b"", coverage=False)
    namespace = interpreter.make_module("program")
    program._load(program._compile(0), namespace)
    call: dict[str, object] = {"call": "f", "args": [2**60, "x"][:1], "kwargs": {}}
    steps: Steps = [{"exec": "y = f(1)"}, call, {"eval": ["f(1) == y", "g()"]}]
    program._probe(0, json.loads(json.dumps(steps), object_hook=_revive), namespace)
    interpreter.flush()
    del sys.modules["program"]


class _Program:
    """The program in its namespace."""

    def __init__(self, source: bytes, prelude: bytes, setup: bytes, *, coverage: bool) -> None:
        self._source = source
        self._prelude = prelude
        self._setup = setup
        self._watchers = watchers.Watchers(faults.PROGRAM, coverage=coverage)
        self._pid = _getpid()  # a process the program forks must not speak for it

    def _compile(self, index: int) -> CodeType:
        """Compile the program, or report why not and end."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return _compile(self._source, faults.PROGRAM, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError) as error:
            _report(wire.SYNTAX, index, {"fault": faults.describe_syntax(error, self._source)})
            interpreter.print_traceback(error, hide=1)
            _exit(1)

    def _load(self, code: CodeType, namespace: Namespace) -> None:
        if self._prelude:
            _exec(_compile(self._prelude, "<prelude>", "exec", dont_inherit=True), namespace)
        _exec(code, namespace)

    def run_as_main(self, index: int) -> NoReturn:
        """Run the program as a script and end as the interpreter would."""
        code = self._compile(index)
        namespace = interpreter.make_module("__main__")
        self._watchers.start()
        status = 0
        try:
            self._load(code, namespace)
        except BaseException as error:
            status = self._end_of(error, index)
        status = interpreter.finish(status)
        if status == 0 and _getpid() == self._pid:
            _report(wire.FINISHED, index, {**self._watchers.observed(), "usage": [0, 0, 0]})
        _exit(status)

    def _end_of(self, error: BaseException, index: int) -> int:
        """Report the exception that ended a script; gives the exit status."""
        status = 1
        if isinstance(error, SystemExit):
            status = interpreter.exit_status(error)
            if status == 0:
                return 0
        if _getpid() == self._pid:
            fault = faults.describe(error)
            _report(wire.UNCAUGHT, index, {"fault": fault, **self._watchers.observed()})
        if not isinstance(error, SystemExit):
            interpreter.print_traceback(error, hide=2)
        if isinstance(error, KeyboardInterrupt):
            status = 130
        return status

    def run_probes(self, indices: list[int], probes: list[Steps], *, fresh: bool) -> None:
        """Load the program, then run the tests in its namespace, each when the runner says so."""
        code = self._compile(indices[0])
        namespace = interpreter.make_module("program")
        self._watchers.start()
        try:
            self._load(code, namespace)
            if self._setup:
                _exec(_compile(self._setup, "<setup>", "exec", dont_inherit=True), namespace)
        except BaseException as error:
            if _getpid() == self._pid:
                fault = faults.describe(error)
                _report(wire.UNCAUGHT, indices[0], {"fault": fault, **self._watchers.observed()})
            if not isinstance(error, SystemExit):
                interpreter.print_traceback(error, hide=2)
            interpreter.flush()
            _exit(interpreter.exit_status(error) if isinstance(error, SystemExit) else 1)
        interpreter.flush()
        if _getpid() != self._pid:
            _exit(0)
        # Tests see Python's own builtins; the program's functions keep what they were defined with.
        namespace["__builtins__"] = dict(_BUILTINS)
        _send(wire.LOADED, indices[0], b"")
        for position, (index, steps) in enumerate(zip(indices, probes, strict=True)):
            if position:
                _read(confine.GO_FD, 1)
            if fresh:
                self._probe_in_a_fork(index, steps, namespace)
            else:
                self._probe(index, steps, namespace)
        _pause()  # answered all; the runner ends the family

    def _probe_in_a_fork(self, index: int, steps: Steps, namespace: Namespace) -> None:
        told, tell = _pipe()
        _unregister_trace(confine.TRACE_SIGNAL)  # this process waits; where the test is, is asked
        pid = _fork()
        if pid == 0:
            _trace_on_signal()
            self._pid = _getpid()
            self._probe(index, steps, namespace)
            _write(tell, b"+")
            _exit(0)
        _signal(confine.TRACE_SIGNAL, lambda number, _: _kill(pid, number))
        _close(tell)
        _, status = _wait(pid, 0)
        _set_blocking(told, False)
        try:
            answered = _read_some(told, 1)
        except BlockingIOError:  # a child of its own holds the other end
            answered = b""
        _close(told)
        if not answered:
            ended = _exit_code(status)
            _send(wire.DIED, index, _DIED.pack(max(ended, 0), max(-ended, 0)))

    def _probe(self, index: int, steps: Steps, namespace: Namespace) -> None:
        report: Report = {"values": [], "held": [], "fault": None}
        started, cpu = _perf(), _cpu()
        impostor = False
        try:
            for step in steps:
                impostor |= _run_step(step, namespace, report)
        except BaseException as error:
            report["fault"] = faults.describe(error)
            del error
        interpreter.flush()
        if _getpid() != self._pid:
            _exit(0)
        usage = _rusage(_self)
        report["usage"] = [(_perf() - started) * 1000, (_cpu() - cpu) * 1000, usage.ru_maxrss]
        report.update(self._watchers.observed())
        if impostor:
            report["flags"].append("impostor_value")
        _report(wire.TESTED, index, report)


def _run_step(step: dict[str, Any], namespace: Namespace, report: Report) -> bool:
    """Run one step of a test; gives whether a value only claimed to be plain."""
    if "exec" in step:
        _exec(_compile(step["exec"], "<test>", "exec", dont_inherit=True), namespace)
        return False
    if "hold" in step:
        code = _compile(step["hold"], "<test>", "exec", dont_inherit=True)
        report["held"].append(False)
        _exec(code, namespace)
        report["held"][-1] = True
        return False
    impostor = False
    if "call" in step:
        value = _find(step["call"], namespace)(*step["args"], **step["kwargs"])
        data, impostor = encode(value)
        report["values"].append(data)
        return impostor
    for expression in step["eval"]:
        data, claims = encode(
            _eval(_compile(expression, "<test>", "eval", dont_inherit=True), namespace)
        )
        report["values"].append(data)
        impostor |= claims
    return impostor


def _find(name: str, namespace: Namespace) -> Callable[..., object]:
    """The callable a call test means.

    A global, a method of a fresh object, or a method of ``Solution``.
    """
    head, _, rest = name.partition(".")
    if head not in namespace and not rest and "Solution" in namespace:
        return cast("Callable[..., object]", getattr(namespace["Solution"](), name))
    if head not in namespace:
        raise NameError(f"name {head!r} is not defined")
    found = namespace[head]
    if rest:
        found = getattr(found() if isinstance(found, type) else found, rest)
    return cast("Callable[..., object]", found)
