"""Inside the child: take the job, load the program, run its tests, report. The program lives in this process.

Nothing here is trusted by anyone: a program can read and change all of it. It can so far only change what is said
about itself, and the answers it is compared with are not here.
"""

import atexit
import contextlib
import faulthandler
import gc
import io
import json
import os
import resource
import signal
import struct
import sys
import threading
import time
import warnings
from types import ModuleType

from . import confine, faults, watchers, wire
from .values import encode

_LENGTH = struct.Struct(">I")
_DIED = struct.Struct(">ii")
_write, _pack, _dumps, _exit = os.write, wire.CHILD_FRAME.pack, json.dumps, os._exit
_perf, _cpu = time.perf_counter, time.process_time
_rusage, _self = resource.getrusage, resource.RUSAGE_SELF


def child_main(host):
    """Wait for a job, run it, end. Never returns normally to the runner's code."""
    length = _LENGTH.unpack(_read(confine.GO_FD, 4))[0]
    job = json.loads(_read(confine.GO_FD, length))
    source, prelude, setup = (_content(job[name]) for name in ("source", "prelude", "setup"))
    tests = job["tests"]
    probes = None
    if job["probes"]:
        probes = [json.loads(_content(test[1:])) for test in tests]
    else:
        confine.open_stdin(host, *tests[0][1:])
    with open(faults.PROGRAM, "wb") as file:
        file.write(source)
    os.close(confine.PAYLOAD_FD)
    if not job["stepwise"]:
        os.close(confine.GO_FD)
    os.chdir(confine.WORK)
    os.umask(0o022)
    confine.clean_environment()
    confine.limit_resources(host, job["limits"], len(tests) + 1)
    _fresh_interpreter()
    confine.reset_signals()
    faulthandler.enable(file=confine.TRACE_FD, all_threads=False)
    faulthandler.register(confine.TRACE_SIGNAL, file=confine.TRACE_FD, all_threads=False)
    confine.lock_down(host)
    _send(wire.READY, tests[0][0], b"")
    process = _Program(source, prelude, setup, coverage=job["coverage"])
    if probes is None:
        process.run_as_main(tests[0][0])
    else:
        process.run_probes([test[0] for test in tests], probes, fresh=job["fresh"], stepwise=job["stepwise"])


def _read(fd, length):
    parts = b""
    while len(parts) < length:
        part = os.read(fd, length - len(parts))
        if not part:
            _exit(0)  # the runner went away
        parts += part
    return parts


def _content(place):
    offset, length = place
    return os.pread(confine.PAYLOAD_FD, length, offset) if length else b""


def _send(kind, index, payload):
    view = memoryview(_pack(len(payload), kind, index) + payload)
    while view:
        view = view[_write(confine.RESULT_FD, view) :]


def _report(kind, index, report):
    """Send a report; one that is too large loses its values and keeps its place."""
    payload = _dumps(report, separators=(",", ":")).encode()
    if len(payload) > wire.MAX_REPORT:
        report["values"] = [["x", "size"] for _ in report.get("values", ())]
        payload = _dumps(report, separators=(",", ":")).encode()
    _send(kind, index, payload)


def _fresh_interpreter():
    """Undo what a fork shares and a fresh interpreter would not."""
    for name in [name for name in sys.modules if name == "runner" or name.startswith("runner.")]:
        del sys.modules[name]
    sys.path[0] = confine.WORK
    raw = [io.FileIO(fd, mode, closefd=False) for fd, mode in ((0, "r"), (1, "w"), (2, "w"))]
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(raw[0]), encoding="utf-8")
    sys.stdout = sys.__stdout__ = io.TextIOWrapper(io.BufferedWriter(raw[1]), encoding="utf-8")
    sys.stderr = sys.__stderr__ = io.TextIOWrapper(
        io.BufferedWriter(raw[2]), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )
    for stream, file, mode in ((sys.stdin, "<stdin>", "r"), (sys.stdout, "<stdout>", "w"), (sys.stderr, "<stderr>", "w")):
        stream.buffer.raw.name = file
        stream.mode = mode
    gc.enable()


class _Program:
    """The program in its namespace."""

    def __init__(self, source, prelude, setup, *, coverage):
        self._source = source
        self._prelude = prelude
        self._setup = setup
        self._watchers = watchers.Watchers(faults.PROGRAM, coverage=coverage)

    def _compile(self, index):
        """Compile the program, or report why not and end."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return compile(self._source, faults.PROGRAM, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError) as error:
            _report(wire.SYNTAX, index, {"fault": faults.describe_syntax(error, self._source)})
            traceback_of(error, hide=1)
            _exit(1)

    def _module(self, name):
        module = ModuleType(name)
        module.__file__ = faults.PROGRAM
        module.__dict__["__builtins__"] = sys.modules["builtins"]
        sys.modules[name] = module
        return module

    def _load(self, code, namespace):
        if self._prelude:
            exec(compile(self._prelude, "<prelude>", "exec", dont_inherit=True), namespace)
        exec(code, namespace)
        if self._setup:
            exec(compile(self._setup, "<setup>", "exec", dont_inherit=True), namespace)

    def run_as_main(self, index):
        """Run the program as a script and end as the interpreter would."""
        code = self._compile(index)
        namespace = self._module("__main__").__dict__
        self._watchers.start()
        status = 0
        try:
            self._load(code, namespace)
        except BaseException as error:
            status = self._end_of(error, index)
        status = _finalize(status)
        if status == 0:
            _report(wire.FINISHED, index, {**self._watchers.observed(), "usage": [0, 0, 0]})
        _exit(status)

    def _end_of(self, error, index):
        """Report the exception that ended a script; gives the exit status."""
        status = 1
        if isinstance(error, SystemExit):
            status = _exit_status(error)
            if status == 0:
                return 0
        _report(wire.UNCAUGHT, index, {"fault": faults.describe(error), **self._watchers.observed()})
        if not isinstance(error, SystemExit):
            traceback_of(error, hide=2)
        if isinstance(error, KeyboardInterrupt):
            status = 130
        return status

    def run_probes(self, indices, probes, *, fresh, stepwise):
        """Load the program, then run the tests one after the other in its namespace."""
        code = self._compile(indices[0])
        namespace = self._module("program").__dict__
        self._watchers.start()
        try:
            self._load(code, namespace)
        except BaseException as error:
            _report(wire.UNCAUGHT, indices[0], {"fault": faults.describe(error), **self._watchers.observed()})
            if not isinstance(error, SystemExit):
                traceback_of(error, hide=2)
            _flush()
            _exit(_exit_status(error) if isinstance(error, SystemExit) else 1)
        _flush()
        _send(wire.LOADED, indices[0], b"")
        for position, (index, steps) in enumerate(zip(indices, probes, strict=True)):
            if stepwise and position:
                _read(confine.GO_FD, 1)
            if fresh:
                self._probe_in_a_fork(index, steps, namespace)
            else:
                self._probe(index, steps, namespace)
        signal.pause()  # answered all; the runner ends the family

    def _probe_in_a_fork(self, index, steps, namespace):
        pid = os.fork()
        if pid == 0:
            self._probe(index, steps, namespace)
            _exit(0)
        _, status = os.waitpid(pid, 0)
        if status:
            code, number = (0, os.WTERMSIG(status)) if os.WIFSIGNALED(status) else (os.WEXITSTATUS(status), 0)
            _send(wire.DIED, index, _DIED.pack(code, number))

    def _probe(self, index, steps, namespace):
        report = {"values": [], "held": [], "fault": None}
        started, cpu = _perf(), _cpu()
        impostor = False
        try:
            for step in steps:
                impostor |= _run_step(step, namespace, report)
        except BaseException as error:
            if isinstance(error, SystemExit):
                _flush()
                self._exit_in_probe(error, index, report)
            report["fault"] = faults.describe(error)
            del error
        _flush()
        usage = _rusage(_self)
        report["usage"] = [(_perf() - started) * 1000, (_cpu() - cpu) * 1000, usage.ru_maxrss]
        report.update(self._watchers.observed())
        if impostor:
            report["flags"].append("impostor_value")
        _report(wire.TESTED, index, report)

    def _exit_in_probe(self, error, index, report):
        """A test that exits did not answer; what it raised is reported like any other exception."""
        report["fault"] = faults.describe(error)


def _run_step(step, namespace, report):
    """Run one step of a test; gives whether a value only claimed to be plain."""
    if "exec" in step:
        exec(compile(step["exec"], "<test>", "exec", dont_inherit=True), namespace)
        return False
    if "hold" in step:
        code = compile(step["hold"], "<test>", "exec", dont_inherit=True)
        report["held"].append(False)
        exec(code, namespace)
        report["held"][-1] = True
        return False
    impostor = False
    if "call" in step:
        value = _find(step["call"], namespace)(*step["args"], **step["kwargs"])
        data, impostor = encode(value)
        report["values"].append(data)
        return impostor
    for expression in step["eval"]:
        data, claims = encode(eval(compile(expression, "<test>", "eval", dont_inherit=True), namespace))
        report["values"].append(data)
        impostor |= claims
    return impostor


def _find(name, namespace):
    """The callable a call test means: a global, a method of a fresh object, or a method of ``Solution``."""
    head, _, rest = name.partition(".")
    if head not in namespace and not rest and "Solution" in namespace:
        return getattr(namespace["Solution"](), name)
    if head not in namespace:
        raise NameError(f"name {head!r} is not defined")
    found = namespace[head]
    if rest:
        return getattr(found() if isinstance(found, type) else found, rest)
    return found


def _exit_status(error):
    code = error.code
    if code is None:
        return 0
    if isinstance(code, int):
        return int(code) & 0xFF
    with contextlib.suppress(BaseException):
        print(code, file=sys.stderr)
    return 1


def _flush():
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()


def _finalize(status):
    """What the interpreter does at its end: join threads, run exit functions, flush."""
    with contextlib.suppress(BaseException):
        threading._shutdown()
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()
    try:
        if not sys.stdout.closed:
            sys.stdout.flush()
    except BaseException:
        status = status or 120
    with contextlib.suppress(BaseException):
        sys.stderr.flush()
    return status


def traceback_of(error, *, hide):
    """Print an uncaught exception as the interpreter would, without the ``hide`` outermost frames, which are ours."""
    with contextlib.suppress(BaseException):
        traceback = error.__traceback__
        for _ in range(hide):
            traceback = traceback.tb_next if traceback else None
        sys.stdout.flush()
        sys.excepthook(type(error), error.with_traceback(traceback), traceback)
