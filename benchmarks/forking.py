"""A grader within one process, of the kind that ships with code benchmarks.

A ``multiprocessing`` worker per program that executes the source under an alarm, as many at a time
as there are cores. No isolation, no limits but time. A script of its own, standard library only.
Reads ``[[script, stdin, stdout or null], …]`` as JSON from stdin; prints ``[seconds, verdicts]``.
"""

import contextlib
import io
import json
import multiprocessing
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

TIMEOUT_S = 10.0
_FORK = multiprocessing.get_context("fork")


class AlarmError(BaseException):
    """The program ran too long; no ``Exception``, so that it does not catch it by accident."""


def grade(entry: tuple[str, str, str | None]) -> str:
    """Grades one program in a worker of its own."""
    mine, theirs = _FORK.Pipe(duplex=False)
    worker = _FORK.Process(target=work, args=(theirs, *entry))
    worker.start()
    theirs.close()
    try:
        verdict = str(mine.recv()) if mine.poll(TIMEOUT_S + 1) else "timeout"
    except EOFError:  # it ended without a word
        verdict = "runtime_error"
    worker.kill()
    worker.join()
    mine.close()
    return verdict


def work(answer: Connection, script: str, stdin: str, expected: str | None) -> None:
    """Executes a program and sends its verdict."""
    signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, TIMEOUT_S)
    sys.stdin, printed = io.StringIO(stdin), io.StringIO()
    verdict = "passed"
    try:
        with contextlib.redirect_stdout(printed):
            exec(script, {"__name__": "__main__"})  # noqa: S102
    except AlarmError:
        verdict = "timeout"
    except SyntaxError:
        verdict = "syntax_error"
    except AssertionError:
        verdict = "wrong_answer"
    except BaseException:
        verdict = "runtime_error"
    if verdict == "passed" and expected is not None and printed.getvalue() != expected:
        verdict = "wrong_answer"
    answer.send(verdict)


def _ring(*_: object) -> None:
    raise AlarmError


def main() -> None:
    """Grades the programs."""
    programs = json.load(sys.stdin)
    started = time.perf_counter()
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
        verdicts = list(threads.map(grade, programs))
    json.dump([time.perf_counter() - started, verdicts], sys.stdout)


if __name__ == "__main__":
    main()
