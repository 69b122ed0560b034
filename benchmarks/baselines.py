"""What people do instead: an interpreter per program, a container per program, a bare fork.

Each function runs programs as fast as it can on all cores and gives programs per second.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from programs import as_script
from rltf_executor.schema import Submission

NUM_CORES: Final = len(os.sched_getaffinity(0))
FLOOR: Final = Path(__file__).with_name("floor.py")


def bare_interpreter() -> str:
    """Gives the interpreter beneath this virtual environment: its start costs less."""
    return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())


def by_subprocess(programs: Sequence[Submission], python: str) -> float:
    """Runs ``subprocess.run([python, file])`` per program, no isolation."""
    with tempfile.TemporaryDirectory() as folder:
        commands: list[tuple[list[str], str, str | None]] = []
        for number, program in enumerate(programs):
            script, stdin, stdout = as_script(program)
            path = Path(folder, f"{number}.py")
            path.write_text(script, "utf-8")
            commands.append(([python, str(path)], stdin, stdout))
        return _timed(commands)


def by_docker_run(programs: Sequence[Submission], image: str) -> float:
    """Runs ``docker run --rm`` per program."""
    docker = shutil.which("docker")
    if docker is None:
        raise FileNotFoundError("no docker command in PATH")
    prefix = [docker, "run", "--rm", "-i", "--network", "none", "--entrypoint", "python3"]
    commands: list[tuple[list[str], str, str | None]] = []
    for program in programs:
        script, stdin, stdout = as_script(program)
        commands.append(([*prefix, image, "-c", script], stdin, stdout))
    return _timed(commands)


def by_fork(programs: Sequence[Submission], python: str) -> float:
    """Runs fork + ``exec(source)`` per program, from one small process per core."""
    pairs = [as_script(program)[:2] for program in programs]
    done = subprocess.run(
        [python, "-I", "-S", str(FLOOR)],
        input=json.dumps(pairs),
        capture_output=True,
        text=True,
        check=True,
    )
    elapsed_s, num_good = done.stdout.split()
    if int(num_good) != len(pairs):
        raise RuntimeError(f"fork: only {num_good} of {len(pairs)} programs ended well")
    return len(pairs) / float(elapsed_s)


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


def _timed(commands: Sequence[tuple[list[str], str, str | None]]) -> float:
    def run(entry: tuple[list[str], str, str | None]) -> None:
        command, stdin, stdout = entry
        done = subprocess.run(command, input=stdin, capture_output=True, text=True)
        if done.returncode != 0 or (stdout is not None and done.stdout != stdout):
            raise RuntimeError(f"{command[:2]}: exit {done.returncode}: {done.stderr[-500:]}")

    started = time.perf_counter()
    with ThreadPoolExecutor(NUM_CORES) as threads:
        list(threads.map(run, commands))
    return len(commands) / (time.perf_counter() - started)
