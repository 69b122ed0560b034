"""The training loop: sample, execute, feedback, credit, advantages, buffer, loss, optimizer.

With ``overlap`` the batch of step n + 1 is sampled while the programs of step n run, thus by the
policy as it was before update n: its rollouts are one version older when they are trained on. The
batch in flight is part of every checkpoint.

A step changes nothing of the run's state before its optimizer update, and what is random in it
depends on the seed and the step alone. So whatever ends a step early, a signal or a fault, leaves
the state of the step before, and going on from there gives the weights that an uninterrupted run
has.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from rltf_trainer.advantages import Baseline
from rltf_trainer.buffer import OnlineBuffer
from rltf_trainer.checkpoint import save_checkpoint
from rltf_trainer.config import TrainConfig
from rltf_trainer.errors import CheckpointError
from rltf_trainer.evaluate import Evaluation, evaluate
from rltf_trainer.grading import Entry, Grader
from rltf_trainer.learner import Learner
from rltf_trainer.policy.generation import Sampling
from rltf_trainer.policy.loading import Policy
from rltf_trainer.policy.logprobs import TokenSequence
from rltf_trainer.report.recorder import Recorder
from rltf_trainer.sampling import (
    Grading,
    SampledBatch,
    Task,
    build_submissions,
    choose_tasks,
    sample_groups,
    sampling_of,
)
from rltf_trainer.scoring import ScoredBatch, sample_record, score_batch
from rltf_trainer.seeds import derive_seed
from rltf_trainer.step_metrics import Metrics, batch_metrics, buffer_metrics

logger = logging.getLogger(__name__)

STATE_FORMAT = 1


class ProgressView(Protocol):
    """What the loop tells a person while it runs."""

    def update(self, step: int, metrics: Metrics) -> None:
        """Show the numbers of a step that is done."""

    def message(self, text: str) -> None:
        """Show a line of text."""

    def phase(self, text: str) -> None:
        """Show what is being done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a loop is joined from."""

    policy: Policy
    learner: Learner
    grader: Grader
    recorder: Recorder
    progress: ProgressView
    train_tasks: Sequence[Task]
    validation_tasks: Sequence[Task]


class TrainingLoop:
    """A training run in progress.

    Args:
        config: Its options.
        run_dir: Where checkpoints go.
        parts: What does the work.
        should_stop: Called often while nothing is half done; what it raises ends the run with its
            last state saved.
    """

    def __init__(
        self,
        config: TrainConfig,
        run_dir: Path,
        parts: Parts,
        *,
        should_stop: Callable[[], None] = lambda: None,
    ) -> None:
        self._config = config
        self._run_dir = run_dir
        self._parts = parts
        self._should_stop = should_stop
        self._tasks_by_id = {task.problem.id: task for task in parts.train_tasks}
        self._buffer = OnlineBuffer(
            config.buffer.capacity,
            config.buffer.max_staleness,
            seed=derive_seed(config.seed, "buffer", 0),
        )
        self._pending: SampledBatch | None = None  # sampled for the next step, not graded
        self._saved_step: int | None = None
        self.step = 0  # steps done
        self.policy_version = 0  # updates done
        self._keep_state()

    def run(self) -> None:
        """Take the steps that are left, with a checkpoint every so often and one at the end.

        Whatever ends it early, the state after the last whole step is saved first.
        """
        try:
            while self.step < self._config.steps:
                self._take_step()
                self._keep_state()
                if self._is_due(self._config.checkpoint.every):
                    self.save()
                if self._is_due(self._config.evaluation.every) and self.step < self._config.steps:
                    self.evaluate("step")
        except KeyboardInterrupt:  # asked twice: at once
            raise
        except BaseException:
            self.save()
            raise
        self.save()

    def save(self) -> Path | None:
        """Write a checkpoint of the last whole step.

        Returns:
            Where; None if there is one already, no step is done yet, or the weights have moved on.
        """
        step = int(self._state["step"])
        is_torn = self._parts.learner.num_updates != self._num_updates
        if step == 0 or step == self._saved_step or is_torn:
            return None
        path = save_checkpoint(
            self._run_dir,
            step,
            self._parts.policy,
            {**self._state, "optimizer": self._parts.learner.optimizer.state_dict()},
            keep_last=self._config.checkpoint.keep_last,
        )
        self._saved_step = step
        return path

    def evaluate(self, when: str) -> Evaluation:
        """Measure the pass rate on the validation split and record it."""
        options = self._config.evaluation
        num_problems = len(self._parts.validation_tasks)
        self._parts.progress.phase(f"evaluating on {num_problems} problems")
        how = "greedy" if options.greedy else f"{options.samples} completions each"
        self._parts.progress.message(f"measuring the pass rate: {num_problems} problems, {how}")
        evaluation = evaluate(
            self._parts.policy,
            self._parts.validation_tasks,
            self._parts.grader,
            sampling=Sampling(
                temperature=options.temperature,
                top_p=options.top_p,
                max_new_tokens=self._config.rollout.max_new_tokens,
                batch_size=self._config.rollout.batch_size,
            ),
            num_samples=options.samples,
            greedy=options.greedy,
            k=options.k,
            seed=self._config.seed,
            limits=self._config.executor.limits,
            should_stop=self._should_stop,
        )
        self._parts.recorder.evaluation(evaluation.to_record(when, self.step))
        return evaluation

    def state_dict(self) -> dict[str, Any]:
        """Give what is not in the weights or the optimizer, in plain values."""
        return {
            "format": STATE_FORMAT,
            "fingerprint": self._config.fingerprint(),
            "step": self.step,
            "policy_version": self.policy_version,
            "buffer": self._buffer.state_dict(),
            "pending": None if self._pending is None else self._pending.to_state(),
            "threads": torch.get_num_threads(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where ``state`` was saved; the policy's weights are loaded already.

        Raises:
            CheckpointError: It was saved by another version, or by a run with other options.
        """
        if state.get("format") != STATE_FORMAT:
            raise CheckpointError(
                f"checkpoint: its format is {state.get('format')}, "
                f"this version reads {STATE_FORMAT}"
            )
        if state["fingerprint"] != self._config.fingerprint():
            raise CheckpointError(
                "checkpoint: was saved by a run with other options; resume with the saved ones"
            )
        self.step = self._saved_step = state["step"]
        self.policy_version = state["policy_version"]
        self._buffer.load_state_dict(state["buffer"])
        if state["pending"] is not None:
            self._pending = SampledBatch.from_state(state["pending"], self._tasks_by_id)
        self._parts.learner.optimizer.load_state_dict(state["optimizer"])
        self._keep_state()

    def _keep_state(self) -> None:
        """Remember the state between two steps, to be saved should the next one not be finished."""
        self._state = self.state_dict()
        self._num_updates = self._parts.learner.num_updates

    def _take_step(self) -> None:
        step = self.step + 1
        started = time.monotonic()
        generate_s = 0.0
        batch = self._pending
        if batch is None:
            batch = self._sample(step)
            generate_s += batch.generate_s

        grading = build_submissions(
            batch,
            limits=self._config.executor.limits,
            with_coverage=self._config.reward.executed_only,
        )
        verdicts = self._parts.grader.submit(grading.submissions)
        following = None
        if self._config.overlap and step < self._config.steps:
            following = self._sample(step + 1)
            generate_s += following.generate_s

        waiting_since = time.monotonic()
        scored = self._collect(step, batch, grading, verdicts)
        executor_wait_s = time.monotonic() - waiting_since

        training_since = time.monotonic()
        metrics = batch_metrics(batch, scored)
        metrics |= self._learn(step, batch, scored)
        self.step = step
        self._pending = following

        now = time.monotonic()
        metrics |= {
            "step": step,
            "time": time.time(),
            "policy_version": self.policy_version,
            "time/generate_s": generate_s,
            "time/executor_wait_s": executor_wait_s,
            "time/train_s": now - training_since,
            "time/step_s": now - started,
            "tokens_per_s": batch.num_tokens / max(batch.generate_s, 1e-9),
        }
        self._parts.recorder.samples(self._samples_to_show(step, scored))
        self._parts.recorder.step(metrics)
        self._parts.progress.update(step, metrics)

    def _sample(self, step: int) -> SampledBatch:
        self._should_stop()
        self._parts.progress.phase(f"sampling for step {step}")
        rollout = self._config.rollout
        started = time.monotonic()
        groups = sample_groups(
            self._parts.policy,
            choose_tasks(
                self._parts.train_tasks, step, rollout.problems_per_step, self._config.seed
            ),
            sampling_of(rollout),
            num_samples=rollout.samples_per_problem,
            with_greedy=self._config.baseline.kind is Baseline.GREEDY,
            seed=self._config.seed,
            purpose="rollout",
            step=step,
            should_stop=self._should_stop,
        )
        return SampledBatch(
            step=step,
            policy_version=self.policy_version,
            groups=groups,
            generate_s=time.monotonic() - started,
        )

    def _collect(
        self, step: int, batch: SampledBatch, grading: Grading, verdicts: "Future[list[Entry]]"
    ) -> ScoredBatch:
        self._parts.progress.phase(f"waiting for the grades of step {step}")
        entries = self._parts.grader.collect(verdicts, self._should_stop)
        return score_batch(batch, grading, entries, self._config, self._parts.policy)

    def _learn(self, step: int, batch: SampledBatch, scored: ScoredBatch) -> Metrics:
        """Put the fresh rollouts into the buffer and update the policy."""
        self._parts.progress.phase(f"training step {step}")
        self._buffer.evict(self.policy_version)
        replayed = self._buffer.sample(self._config.buffer.replay)
        fresh = [
            rollout
            for rollout in scored.rollouts
            if self.policy_version - rollout.policy_version <= self._config.buffer.max_staleness
        ]
        self._buffer.add(fresh)
        trained = [*fresh, *replayed]
        metrics = buffer_metrics(
            self._buffer.ages(self.policy_version), trained, self.policy_version
        )
        if not trained:
            self._parts.progress.message(f"step {step}: nothing was judged, nothing is learnt")
            return metrics
        metrics |= self._parts.learner.update(
            trained, self._references(batch), step=step, should_stop=self._should_stop
        )
        self.policy_version += 1
        return metrics

    def _references(self, batch: SampledBatch) -> list[TokenSequence]:
        tasks = {group.task.problem.id: group.task for group in batch.groups}
        references = []
        for task in tasks.values():
            text = task.reference_text()
            if text is not None:
                ids = self._parts.policy.encode(text)[: self._config.rollout.max_new_tokens]
                references.append(TokenSequence(prompt_ids=task.prompt_ids, completion_ids=ids))
        return references

    def _samples_to_show(self, step: int, scored: ScoredBatch) -> list[dict[str, Any]]:
        """Choose a few completions to read, one of each group in turn."""
        ranked = [
            (rank, group.group, graded)
            for group in scored.groups
            for rank, graded in enumerate(each for each in group.graded if each is not None)
        ]
        ranked.sort(key=lambda entry: entry[0])
        chosen = ranked[: self._config.report.samples_per_step]
        return [
            sample_record(group, graded, step=step, policy=self._parts.policy)
            for _, group, graded in chosen
        ]

    def _is_due(self, every: int) -> bool:
        return every > 0 and self.step % every == 0
