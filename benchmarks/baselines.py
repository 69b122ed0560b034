"""What people do instead: an interpreter, a container, a fork per program, and what else there is.

Each function runs programs as fast as it can on all cores and gives programs per second. A grader
that comes to other verdicts than those it owes is an error, not a rate.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from programs import Case, as_script
from rltf_executor.schema import StdioTest, Submission, Verdict

NUM_CORES: Final = len(os.sched_getaffinity(0))
FLOOR: Final = Path(__file__).with_name("floor.py")
FORKING: Final = Path(__file__).with_name("forking.py")
LLM_SANDBOX_RUNS: Final = Path(__file__).with_name("llm_sandbox_runs.py")
_SYNTAX_ERRORS: Final = ("SyntaxError", "IndentationError", "TabError")


def bare_interpreter() -> str:
    """Gives the interpreter beneath this virtual environment: its start costs less."""
    return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())


def by_subprocess(cases: Sequence[Case], python: str) -> float:
    """Runs ``subprocess.run([python, file])`` per program, no isolation."""
    with tempfile.TemporaryDirectory() as folder:
        commands: list[list[str]] = []
        for number, case in enumerate(cases):
            path = Path(folder, f"{number}.py")
            path.write_text(as_script(case.program)[0], "utf-8")
            commands.append([python, str(path)])
        return _timed(cases, commands)


def by_docker_run(cases: Sequence[Case], image: str) -> float:
    """Runs ``docker run --rm`` per program."""
    prefix = [_docker(), "run", "--rm", "-i", "--network", "none", "--entrypoint", "python3"]
    return _timed(cases, [[*prefix, image, "-c", as_script(case.program)[0]] for case in cases])


def by_docker_exec(cases: Sequence[Case], image: str) -> float:
    """Runs ``docker exec`` per program, in one container per core that is up already."""
    with _idle_containers(image) as names:
        commands = [
            [_docker(), "exec", "-i", names[number % len(names)], "python3", "-c", script]
            for number, (script, _, _) in enumerate(as_script(case.program) for case in cases)
        ]
        for name in names:  # the first one in a container is slower
            _script([_docker(), "exec", name, "python3", "-c", "pass"])
        return _timed(cases, commands)


def by_fork(cases: Sequence[Case], python: str) -> float:
    """Runs fork + ``exec(source)`` per program, from one small process per core; grades nothing."""
    pairs = [as_script(case.program)[:2] for case in cases]
    done = _script([python, "-I", "-S", str(FLOOR)], json.dumps(pairs))
    elapsed_s, num_good = done.split()
    if int(num_good) != sum(map(_ends_well, cases)):
        raise RuntimeError(f"fork: {num_good} of {len(pairs)} programs ended well")
    return len(pairs) / float(elapsed_s)


def by_worker_processes(cases: Sequence[Case], python: str) -> float:
    """Runs a ``multiprocessing`` worker per program, as graders within one process do."""
    scripts = [as_script(case.program) for case in cases]
    elapsed_s, verdicts = json.loads(_script([python, "-I", str(FORKING)], json.dumps(scripts)))
    _check(cases, verdicts, "worker processes")
    return len(cases) / float(elapsed_s)


def has_llm_sandbox(python: str) -> bool:
    """Whether an interpreter can import ``llm-sandbox`` with what it needs for Docker."""
    command = [python, "-c", "import docker, llm_sandbox.pool"]
    return subprocess.run(command, capture_output=True).returncode == 0


def by_llm_sandbox(cases: Sequence[Case], python: str, image: str) -> float:
    """Runs a pooled session of ``llm-sandbox`` per program, under an interpreter that has it."""
    scripts = [as_script(case.program) for case in cases]
    asked = json.dumps({"image": image, "programs": scripts})
    elapsed_s, results = json.loads(_script([python, str(LLM_SANDBOX_RUNS)], asked))
    verdicts = [
        _verdict(exit_code, stdout, stderr, expected)
        for (exit_code, stdout, stderr), (_, _, expected) in zip(results, scripts, strict=True)
    ]
    _check(cases, verdicts, "llm-sandbox")
    return len(cases) / float(elapsed_s)


def slow_programs(programs: Sequence[Submission], python: str, bound_s: float) -> set[int]:
    """Gives the places of programs that take longer than ``bound_s`` under an interpreter."""

    def is_slow(program: Submission) -> bool:
        script, stdin, _ = as_script(program)
        started = time.perf_counter()
        subprocess.run([python, "-c", script], input=stdin, text=True, capture_output=True)
        return time.perf_counter() - started > bound_s

    with ThreadPoolExecutor(NUM_CORES) as threads:
        verdicts = list(threads.map(is_slow, programs))
    return {place for place, slow in enumerate(verdicts) if slow}


def _docker() -> str:
    docker = shutil.which("docker")
    if docker is None:
        raise FileNotFoundError("no docker command in PATH")
    return docker


@contextmanager
def _idle_containers(image: str) -> Iterator[list[str]]:
    """Keeps one container per core that only sleeps."""
    start = [_docker(), "run", "-d", "--rm", "--init", "--network", "none"]
    sleep = ["--entrypoint", "python3", image, "-c", "import time; time.sleep(3600)"]
    names: list[str] = []
    try:
        names += (_script([*start, *sleep]).strip() for _ in range(NUM_CORES))
        yield names
    finally:
        if names:
            _script([_docker(), "rm", "-f", *names])


def _script(command: list[str], stdin: str = "") -> str:
    done = subprocess.run(command, input=stdin, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[:3]}: exit {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def _timed(cases: Sequence[Case], commands: Sequence[list[str]]) -> float:
    started = time.perf_counter()
    verdicts = _run(cases, commands)
    elapsed_s = time.perf_counter() - started
    _check(cases, verdicts, " ".join(commands[0][:2]))
    return len(cases) / elapsed_s


def _run(cases: Sequence[Case], commands: Sequence[list[str]]) -> list[Verdict]:
    """Runs a command per program and reads a verdict from how it ended."""

    def run(case: Case, command: list[str]) -> Verdict:
        _, stdin, expected = as_script(case.program)
        done = subprocess.run(command, input=stdin, capture_output=True, text=True)
        return _verdict(done.returncode, done.stdout, done.stderr, expected)

    with ThreadPoolExecutor(NUM_CORES) as threads:
        return list(threads.map(run, cases, commands))


def _verdict(exit_code: int, stdout: str, stderr: str, expected: str | None) -> Verdict:
    """Reads a verdict from what an interpreter left: its exit status and its traceback."""
    if exit_code == 0:
        is_right = expected is None or stdout == expected
        return Verdict.PASSED if is_right else Verdict.WRONG_ANSWER
    raised = re.findall(r"^(\w+)(?::|$)", stderr, re.MULTILINE)
    last = raised[-1] if raised else ""
    if last in _SYNTAX_ERRORS:
        return Verdict.SYNTAX_ERROR
    return Verdict.WRONG_ANSWER if last == "AssertionError" else Verdict.RUNTIME_ERROR


def _ends_well(case: Case) -> bool:
    is_stdio = isinstance(case.program.tests[0], StdioTest)
    return case.verdict == Verdict.PASSED or (is_stdio and case.verdict == Verdict.WRONG_ANSWER)


def _check(cases: Sequence[Case], verdicts: Sequence[Any], name: str) -> None:
    for case, verdict in zip(cases, verdicts, strict=True):
        if verdict != case.verdict:
            raise RuntimeError(f"{name}: {verdict}, not {case.verdict}:\n{case.program.source}")
