"""A synthetic run directory: what a real run writes, with numbers that are known beforehand."""

import json
import math
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

CONFIG = """\
seed = 7
[model]
path = "models/smollm-135m"
[data]
problems = "starter"
[executor]
token = "hunter2"
[algorithm]
name = "rltf"
[lora]
rank = 16
"""
RIGHT = (
    "def mean(values):\n"
    '    """Arithmetic mean, 0 for no values."""\n'
    "    if not values:\n"
    "        return 0.0\n"
    "    return sum(values) / len(values)\n"
)
DIVIDES_BY_ZERO = (
    "def mean(values):\n"
    "    total = 0\n"
    "    for value in values:  # add them up\n"
    "        total += value\n"
    "    return total / len(values)\n"
)
BROKEN = "def mean(values):\n    return sum(values) / len(values\n"
HOSTILE = "print('</script><script>alert(1)</script><img src=x onerror=alert(1)>')\n"
STATEMENT = "Write a function mean(values): the arithmetic mean of a list, 0 for an empty list."


def sample_of(program: str, verdict: str, **changes: object) -> dict[str, object]:
    """Gives a recorded sample whose tokens are words, blanks and signs."""
    completion = str(changes.pop("before", "Here is the function:\n\n```python\n")) + program
    completion += str(changes.pop("after", "```\n"))
    start = completion.index(program)
    spans = [match.span() for match in re.finditer(r"\w+|\s+|[^\w\s]", completion)]
    line = changes.get("error_line")
    blamed = [0] * len(spans)
    if isinstance(line, int):
        lines = program.splitlines(keepends=True)
        line_start = start + sum(map(len, lines[: line - 1]))
        line_end = line_start + len(lines[line - 1].rstrip("\n"))
        blamed = [int(s < line_end and e > line_start) for s, e in spans]
    return {
        "step": 1,
        "problem_id": "starter/mean",
        "statement": STATEMENT,
        "completion": completion,
        "program_start": start,
        "program_end": start + len(program),
        "verdict": verdict,
        "reward": -0.6,
        "error_type": None,
        "error_line": None,
        "error_message": None,
        "token_spans": [list(span) for span in spans],
        "blamed": blamed,
        "is_greedy": False,
        **changes,
    }


def metrics_of(step: int, num_steps: int, rng: random.Random) -> dict[str, object]:
    """Gives the metrics of a run that learns, noisily."""
    done = step / num_steps
    weights = {
        "passed": 0.08 + 0.45 * done + rng.uniform(0, 0.12),
        "wrong_answer": 0.34 - 0.1 * done + rng.uniform(0, 0.1),
        "runtime_error": 0.3 - 0.18 * done + rng.uniform(0, 0.1),
        "timeout": 0.05 + rng.uniform(0, 0.03),
        "syntax_error": max(0.0, 0.25 - 0.22 * done + rng.uniform(-0.05, 0.05)),
    }
    total = sum(weights.values())
    shares = {name: weight / total for name, weight in weights.items()}
    return {
        "step": step,
        "time": 1_700_000_000 + 42 * step,
        "reward/mean": -0.6 + 0.9 * done + rng.gauss(0, 0.07),
        "reward/coarse_mean": -0.65 + 0.8 * done + rng.gauss(0, 0.07),
        "pass_rate": shares["passed"],
        **{f"verdict/{name}_rate": share for name, share in shares.items()},
        "rollout/internal_error_rate": 0.004,
        "rollout/tokens_mean": 96 + 20 * done + rng.gauss(0, 4),
        "rollout/truncated_rate": 0.1 * (1 - done) + rng.uniform(0, 0.02),
        "buffer/size": 64,
        "buffer/age_mean": 1.1 + rng.uniform(0, 0.4),
        "buffer/age_max": 3,
        "loss/total": 1.6 * math.exp(-2 * done) + rng.gauss(0, 0.05),
        "loss/policy": 0.4 * math.exp(-done) + rng.gauss(0, 0.05),
        "loss/supervised": 1.2 * math.exp(-2 * done) + rng.gauss(0, 0.02),
        "policy/entropy": 0.9 - 0.5 * done + rng.gauss(0, 0.02),
        "policy/grad_norm": 1 + rng.expovariate(2),
        "time/generate_s": 24 + rng.gauss(0, 1.5),
        "time/executor_wait_s": 0.4 + rng.expovariate(3),
        "time/train_s": 15 + rng.gauss(0, 0.8),
        "time/step_s": 42 + rng.gauss(0, 0.3),
        "tokens_per_s": 120 + rng.gauss(0, 6),
        "policy_version": step,
    }


def evaluation_of(when: str, step: int, rng: random.Random, strength: float) -> dict[str, object]:
    """Gives an evaluation of forty problems with five samples each."""
    problems = [
        {
            "id": f"starter/{i:03}",
            "num_samples": 5,
            "num_passed": sum(rng.random() < strength for _ in range(5)),
        }
        for i in range(40)
    ]
    passed = sum(int(problem["num_passed"]) for problem in problems)  # type: ignore[call-overload]
    examples = [
        sample_of(
            DIVIDES_BY_ZERO,
            "runtime_error",
            error_type="ZeroDivisionError",
            error_message="division by zero",
            error_line=5,
            is_greedy=True,
        )
        if when == "before"
        else sample_of(RIGHT, "passed", reward=1.0, step=step, is_greedy=True)
    ]
    return {
        "when": when,
        "step": step,
        "split": "validation",
        "num_problems": 40,
        "num_samples": 200,
        "pass@1": passed / 200,
        "pass@5": min(1.0, passed / 120),
        "verdicts": {
            "passed": passed,
            "wrong_answer": 110 - passed // 2,
            "runtime_error": 60,
            "syntax_error": 30 - passed // 2,
        },
        "problems": problems,
        "examples": examples,
    }


def write_run(run_dir: Path, num_steps: int) -> Path:
    """Write a whole run directory."""
    rng = random.Random(11)
    run_dir.mkdir(parents=True, exist_ok=True)
    (run_dir / "config.toml").write_text(CONFIG)
    metrics = [metrics_of(step, num_steps, rng) for step in range(1, num_steps + 1)]
    evaluations = [evaluation_of("before", 0, rng, 0.12)]
    evaluations += [
        evaluation_of("step", num_steps * i // 4, rng, 0.12 + 0.07 * i)
        for i in range(1, 4)
        if num_steps > 8
    ]
    evaluations.append(evaluation_of("after", num_steps, rng, 0.4))
    samples = [
        sample_of(
            DIVIDES_BY_ZERO,
            "runtime_error",
            error_type="ZeroDivisionError",
            error_message="division by zero",
            error_line=5,
        ),
        sample_of(
            BROKEN,
            "syntax_error",
            error_type="SyntaxError",
            error_message="'(' was never closed",
            error_line=2,
            reward=-1.0,
        ),
        sample_of(HOSTILE, "wrong_answer", reward=-0.3, problem_id="<b onclick=alert(1)>"),
        sample_of(
            "while True:\n    pass\n",
            "timeout",
            error_type="TimeoutError",
            error_message="",
            error_line=2,
        ),
        sample_of(RIGHT, "passed", reward=1.0, step=num_steps),
    ]
    for name, records in (("metrics", metrics), ("evaluations", evaluations), ("samples", samples)):
        (run_dir / f"{name}.jsonl").write_text(
            "".join(json.dumps(record) + "\n" for record in records)
        )
    return run_dir


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[[int], Path]:
    """Writes a run of so many steps and gives its directory."""
    return lambda num_steps: write_run(tmp_path / "run-one", num_steps)
