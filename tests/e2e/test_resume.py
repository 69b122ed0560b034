"""The trainer's command, killed, interrupted and resumed: same weights, nothing left running."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

pytestmark = [pytest.mark.e2e, pytest.mark.docker, pytest.mark.slow]

STEPS = 8
DEADLINE_S = 240.0


@pytest.fixture
def command(sandbox_image: str, tiny_model: Path, tiny_problems: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "rltf_trainer", "train"),
        *("--model", str(tiny_model), "--problems", f"jsonl:{tiny_problems}"),
        *("--sandbox", "docker", "--steps", str(STEPS), "--checkpoint.every", "2"),
        *("--rollout.problems_per_step", "2", "--rollout.samples_per_problem", "3"),
        *("--rollout.max_new_tokens", "24", "--optimizer.lr", "1e-3", "--buffer.replay", "4"),
        *("--lora.rank", "4", "--lora.dropout", "0.1", "--model.threads", "1"),
        *("--report.tensorboard", "false"),
    ]


def run(command: list[str], *arguments: str) -> None:
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert process.poll() is None, f"ended with {process.returncode}"
        assert time.monotonic() < deadline
        time.sleep(0.02)


def num_steps(run_dir: Path) -> int:
    path = run_dir / "metrics.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def processes_with(word: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if word.encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:  # ended, or another user's
            continue
    return found


def assert_gone(word: str) -> None:
    """The executor stops its sandboxes first, so it may outlive the trainer for some seconds."""
    deadline = time.monotonic() + 60
    while left := processes_with(word):
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.1)


def assert_same(one: Path, other: Path) -> None:
    left, right = (load_file(path / "final" / "model.safetensors") for path in (one, other))
    assert left.keys() == right.keys()
    assert all(torch.equal(left[name], right[name]) for name in left)


def rewards(run_dir: Path) -> list[tuple[int, float]]:
    rows = map(json.loads, (run_dir / "metrics.jsonl").read_text().splitlines())
    return [(row["step"], row["reward/mean"]) for row in rows]


def start_until_step(
    command: list[str], run_dir: Path, step: int, mark: str
) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [*command, "--run-dir", str(run_dir)],
        env=os.environ | {"RLTF_TEST_MARK": mark},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: num_steps(run_dir) >= step, process)
    return process


def test_killed_or_interrupted_run_ends_with_the_same_weights(command: list[str], tmp_path: Path):
    run(command, "--run-dir", str(tmp_path / "whole"))

    killed = tmp_path / "killed"
    mark = f"killed-{os.getpid()}"
    process = start_until_step(command, killed, 5, mark)
    process.kill()
    process.wait(30)
    assert_gone(mark)  # the embedded executor notices that its parent has died
    run(command[:4], "--resume", str(killed))

    interrupted = tmp_path / "interrupted"
    mark = f"interrupted-{os.getpid()}"
    process = start_until_step(command, interrupted, 3, mark)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 128 + signal.SIGINT
    assert_gone(mark)
    assert num_steps(interrupted) < STEPS
    run(command[:4], "--resume", str(interrupted))

    for run_dir in (killed, interrupted):
        assert rewards(run_dir) == rewards(tmp_path / "whole")
        assert_same(tmp_path / "whole", run_dir)
        assert (run_dir / "report.html").is_file()
