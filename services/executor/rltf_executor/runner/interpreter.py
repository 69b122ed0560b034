"""Making a forked child look like an interpreter that has just started, and ending it like one."""

import atexit
import contextlib
import gc
import io
import os
import sys
import threading
from types import FunctionType, ModuleType

from . import confine, faults

_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


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
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()


def exit_status(error: SystemExit) -> int:
    """Exit status of a SystemExit.

    One that carries a message prints it, as the interpreter does.
    """
    code = error.code
    if code is None:
        return 0
    if isinstance(code, int):
        return int(code) & 0xFF
    with contextlib.suppress(BaseException):
        sys.stderr.write(f"{code}\n")
    return 1


def finish(status: int) -> int:
    """Join threads, run exit functions, flush: what the interpreter does at its end.

    Returns:
        ``status``, or 120 where all went well but stdout could not be written.
    """
    with contextlib.suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]  # no public way to join them all
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()
    with contextlib.suppress(BaseException):
        _forget_globals(vars(sys.modules["__main__"]))
    try:
        if sys.stdout is not None and not sys.stdout.closed:
            sys.stdout.flush()
    except BaseException:
        status = status or 120
    with contextlib.suppress(BaseException):
        sys.stderr.flush()
    return status


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
    with contextlib.suppress(BaseException):
        traceback = error.__traceback__
        for _ in range(hide):
            traceback = traceback.tb_next if traceback else None
        sys.stdout.flush()
        sys.excepthook(type(error), error.with_traceback(traceback), traceback)
