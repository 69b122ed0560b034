"""Making a forked child look like an interpreter that has just started, and ending it like one."""

import atexit
import gc
import io
import os
import sys
import threading
from types import FunctionType, ModuleType

from . import confine, faults
from .pristine import BUILTINS

globals()["__builtins__"] = BUILTINS  # the program may patch its own

_open, _write = io.FileIO, os.write
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


class _Quietly:
    """What the program's code raises in here is of no concern."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> bool:
        return True


_quietly = _Quietly()
_own: list[io.TextIOWrapper] = []  # stdout and stderr, whatever a program puts in their place


def prepare() -> None:
    """Make the runner's own interpreter look fresh, once, so that no child has to.

    The runner itself uses none of it: it reads and writes descriptors.
    """
    os.environ.clear()
    os.environ.update(_ENVIRONMENT)
    for name in [name for name in sys.modules if name == "runner" or name.startswith("runner.")]:
        del sys.modules[name]
    sys.path[0] = confine.WORK
    sys.argv = [faults.PROGRAM]
    sys.orig_argv = ["python3", faults.PROGRAM]
    sys.stdin = _stream(0, "<stdin>", "r")
    sys.stdout = _stream(1, "<stdout>", "w")
    sys.stderr = _stream(2, "<stderr>", "w")
    _own[:] = [sys.stdout, sys.stderr]
    vars(sys).update(__stdin__=sys.stdin, __stdout__=sys.stdout, __stderr__=sys.stderr)


def _stream(fd: int, name: str, mode: str) -> io.TextIOWrapper:
    raw = io.FileIO(fd, mode, closefd=False)
    raw.name = name  # what the interpreter calls its own
    buffered = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    errors = "backslashreplace" if fd == 2 else "surrogateescape"  # as in the locale C.UTF-8
    stream = io.TextIOWrapper(
        buffered, encoding="utf-8", errors=errors, newline="\n", line_buffering=fd == 2
    )
    stream.mode = mode  # type: ignore[misc]  # set by the interpreter too, though declared read-only
    return stream


def make_module(name: str) -> dict[str, object]:
    """Register an empty module for the program; gives its namespace."""
    module = ModuleType(name)
    module.__file__ = faults.PROGRAM
    namespace = vars(module)
    namespace["__builtins__"] = sys.modules["builtins"]
    if name == "__main__":
        namespace["__cached__"] = None
        if sys.version_info < (3, 14):
            namespace["__annotations__"] = {}
    sys.modules[name] = module
    return namespace


def flush() -> None:
    """Push out what the program printed, if its streams still work."""
    with _quietly:
        sys.stdout.flush()
    with _quietly:
        sys.stderr.flush()
    for stream in _own:
        with _quietly:
            stream.flush()


def exit_status(error: SystemExit) -> int:
    """Exit status of a SystemExit.

    One that carries a message prints it, as the interpreter does.
    """
    code: object = error
    with _quietly:
        code = error.code  # which the program may have made a property
    if code is None:
        return 0
    if issubclass(type(code), int):
        return int.__and__(code, 0xFF)  # type: ignore[operator]
    with _quietly:
        sys.stderr.write(f"{code}\n")
    return 1


def finish(status: int) -> int:
    """Join threads, run exit functions, flush: what the interpreter does at its end.

    Returns:
        ``status``, or 120 where all went well but stdout could not be written.
    """
    with _quietly:
        threading._shutdown()  # type: ignore[attr-defined]  # no public way to join them all
    with _quietly:
        atexit._run_exitfuncs()
    with _quietly:
        _forget_globals(vars(sys.modules["__main__"]))
    try:
        stream = getattr(sys, "stdout", None)
        if stream is not None and not getattr(stream, "closed", False):
            stream.flush()
    except BaseException:
        status = status or 120
    flush()
    for fd in (1, 2):
        with _quietly:
            _pour(f"/proc/self/fd/{fd}", fd)
    return status


def _pour(path: str, fd: int) -> None:
    """Pass on what a program wrote to ``/dev/stdout``: with /proc hidden, that leads to a file."""
    with _open(path) as file:
        while part := file.read(65536):
            while part:
                part = part[_write(fd, part) :]


def _forget_globals(namespace: dict[str, object]) -> None:
    """Let go of the program's objects, whose finalizers may print and call its functions."""
    tools = (ModuleType, FunctionType, type)
    held = [name for name in namespace if not isinstance(namespace[name], tools)]
    for name in sorted(held, key=lambda name: not name.startswith("_")):
        if name != "__builtins__":
            namespace[name] = None
    gc.collect()


def print_traceback(error: BaseException, *, hide: int) -> None:
    """Print an uncaught exception as the interpreter would, less its ``hide`` outermost frames."""
    with _quietly:
        traceback = faults.traceback_of(error)
        for _ in range(hide):
            traceback = traceback.tb_next if traceback else None
        sys.stdout.flush()
        sys.excepthook(type(error), BaseException.with_traceback(error, traceback), traceback)
