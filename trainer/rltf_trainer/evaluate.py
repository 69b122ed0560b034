"""Pass rates: sample, have it graded, count. The numbers of an evaluation and their table.

pass@k is the unbiased estimator of Chen et al. 2021 (arXiv 2107.03374, Eq. 1): with c of n samples
passing, 1 - C(n - c, k) / C(n, k), the chance that at least one of k drawn without replacement
passes. Samples that could not be judged are left out of n.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from rltf_executor.schema import Limits
from rltf_trainer.grading import Grader
from rltf_trainer.options import RewardConfig
from rltf_trainer.policy.generation import Sampling
from rltf_trainer.policy.loading import Policy
from rltf_trainer.sampling import SampledBatch, Task, build_submissions, sample_groups
from rltf_trainer.scoring import Graded, ScoredGroup, grade_groups, sample_record

_NUM_EXAMPLES: Final = 8


def pass_at_k(num_samples: int, num_passed: int, k: int) -> float:
    """Estimate the chance that at least one of ``k`` samples passes (Chen et al. 2021, Eq. 1).

    Raises:
        ValueError: Not ``0 <= num_passed <= num_samples`` or not ``1 <= k <= num_samples``.
    """
    if not 0 <= num_passed <= num_samples:
        raise ValueError(f"num_passed: {num_passed} is not in 0..{num_samples}")
    if not 1 <= k <= num_samples:
        raise ValueError(f"k: {k} is not in 1..{num_samples}")
    none_passes = 1.0
    for draw in range(k):  # C(n - c, k) / C(n, k), factor by factor
        none_passes *= max(0, num_samples - num_passed - draw) / (num_samples - draw)
    return 1.0 - none_passes


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemOutcome:
    """How one problem fared.

    Attributes:
        problem_id: Which.
        num_samples: Completions judged.
        num_passed: Those that passed.
        verdicts: How often each verdict fell; ``internal_error`` counts what was not judged.
    """

    problem_id: str
    num_samples: int
    num_passed: int
    verdicts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How a policy fared on some problems."""

    split: str
    outcomes: tuple[ProblemOutcome, ...]
    k: tuple[int, ...]
    num_samples: int  # completions asked for of each problem
    examples: tuple[dict[str, Any], ...]
    completions: tuple[dict[str, Any], ...]  # all of them, for whoever wants to count again
    wall_s: float

    def pass_at(self, k: int) -> float | None:
        """Give the mean of pass@k over the problems with at least ``k`` judged completions."""
        estimates = [
            pass_at_k(each.num_samples, each.num_passed, k)
            for each in self.outcomes
            if each.num_samples >= k
        ]
        return sum(estimates) / len(estimates) if estimates else None

    def verdicts(self) -> dict[str, int]:
        """Count the verdicts of all completions."""
        counts: Counter[str] = Counter()
        for outcome in self.outcomes:
            counts.update(outcome.verdicts)
        return dict(counts.most_common())

    def problem_record(self, outcome: ProblemOutcome) -> dict[str, Any]:
        """Give the line of one problem in ``results.jsonl``."""
        num_samples, num_passed = outcome.num_samples, outcome.num_passed
        return {
            "id": outcome.problem_id,
            "num_samples": num_samples,
            "num_passed": num_passed,
            "verdicts": dict(outcome.verdicts),
            **{
                f"pass@{k}": pass_at_k(num_samples, num_passed, k)
                for k in self.k
                if k <= num_samples
            },
        }

    def to_record(self, when: str, step: int) -> dict[str, Any]:
        """Give the line of ``evaluations.jsonl``."""
        return {
            "when": when,
            "step": step,
            "time": time.time(),
            "split": self.split,
            "num_problems": len(self.outcomes),
            "num_samples": self.num_samples,
            **{f"pass@{k}": self.pass_at(k) for k in self.k},
            "verdicts": self.verdicts(),
            "problems": [
                {
                    "id": each.problem_id,
                    "num_samples": each.num_samples,
                    "num_passed": each.num_passed,
                }
                for each in self.outcomes
            ],
            "examples": list(self.examples),
        }


def evaluate(
    policy: Policy,
    tasks: Sequence[Task],
    grader: Grader,
    *,
    sampling: Sampling,
    num_samples: int,
    greedy: bool,
    k: tuple[int, ...],
    seed: int,
    limits: Limits | None = None,
    should_stop: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Measure how often the policy's programs pass.

    Args:
        policy: Who writes.
        tasks: What is asked.
        grader: Who judges.
        sampling: How tokens are drawn.
        num_samples: Completions of each task; 1 with ``greedy``.
        greedy: Take the most likely token each time instead of drawing.
        k: Which pass@k are of interest.
        seed: Of the draws; the same seed gives the same completions of the same policy.
        limits: Replace those of every problem.
        should_stop: Called often; may raise.
    """
    started = time.monotonic()
    groups = sample_groups(
        policy,
        tasks,
        sampling,
        num_samples=0 if greedy else num_samples,
        with_greedy=greedy,
        seed=seed,
        purpose="evaluation",
        step=0,
        should_stop=should_stop,
    )
    batch = SampledBatch(
        step=0, policy_version=0, groups=groups, generate_s=time.monotonic() - started
    )
    grading = build_submissions(batch, limits=limits)
    entries = grader.collect(grader.submit(grading.submissions), should_stop)
    scored = grade_groups(batch, grading, entries, RewardConfig())
    return Evaluation(
        split=tasks[0].problem.split,
        outcomes=tuple(_outcome(group) for group in scored),
        k=k,
        num_samples=1 if greedy else num_samples,
        examples=_examples(scored, policy),
        completions=tuple(_completions(batch, scored)),
        wall_s=time.monotonic() - started,
    )


def _outcome(group: ScoredGroup) -> ProblemOutcome:
    verdicts = Counter(
        "internal_error" if each is None else each.feedback.verdict.value for each in group.graded
    )
    return ProblemOutcome(
        problem_id=group.group.task.problem.id,
        num_samples=sum(each is not None for each in group.graded),
        num_passed=verdicts["passed"],
        verdicts=dict(verdicts),
    )


def _completions(batch: SampledBatch, groups: Sequence[ScoredGroup]) -> Iterator[dict[str, Any]]:
    programs = iter(batch.programs)
    for scored in groups:
        pairs = zip(scored.group.completions, scored.graded, strict=True)
        for index, (completion, graded) in enumerate(pairs):
            judged = None if graded is None else graded.feedback
            yield {
                "id": scored.group.task.problem.id,
                "index": index,
                "completion": completion.text,
                "program": next(programs).source,
                "verdict": "internal_error" if judged is None else judged.verdict.value,
                "num_tokens": len(completion.token_ids),
                "is_truncated": completion.is_truncated,
            }


def _examples(groups: Sequence[ScoredGroup], policy: Policy) -> tuple[dict[str, Any], ...]:
    """Show the first completion of the first problems: chosen blind, and the same every time."""
    chosen: list[tuple[ScoredGroup, Graded]] = []
    for group in groups:
        first = next((each for each in group.graded if each is not None), None)
        if first is not None and len(chosen) < _NUM_EXAMPLES:
            chosen.append((group, first))
    return tuple(
        sample_record(group.group, graded, step=0, policy=policy) for group, graded in chosen
    )


def write_results(evaluation: Evaluation, directory: Path) -> None:
    """Write ``results.jsonl``, a line a problem, and ``completions.jsonl``, a line a completion."""
    directory.mkdir(parents=True, exist_ok=True)
    _write_lines(directory / "results.jsonl", map(evaluation.problem_record, evaluation.outcomes))
    _write_lines(directory / "completions.jsonl", evaluation.completions)


def _write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    scratch = path.with_name(path.name + ".tmp")
    with scratch.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
    os.replace(scratch, path)


def evaluation_table(evaluation: Evaluation, title: str) -> Table:
    """Give pass rates and verdict shares as a table for a terminal."""
    table = Table(title=title, title_justify="left")
    table.add_column("measure")
    table.add_column("value", justify="right")
    table.add_column("count", justify="right")
    for k in evaluation.k:
        rate = evaluation.pass_at(k)
        shown = "n/a" if rate is None else f"{rate:.1%}"
        table.add_row(f"pass@{k}", shown, f"{len(evaluation.outcomes)} problems")
    verdicts = evaluation.verdicts()
    total = max(1, sum(verdicts.values()))
    for verdict, count in verdicts.items():
        table.add_row(verdict, f"{count / total:.1%}", f"{count} of {total}")
    return table
