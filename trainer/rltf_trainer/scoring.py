"""Verdicts to rollouts: feedback, credit and advantages of one graded batch, in that order.

An ``internal_error`` and a submission the executor refused say nothing about a program: such a
completion is dropped and counted, here and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from rltf_executor.schema import ErrorInfo, ExecutionResult, RefusedItem
from rltf_trainer.advantages import Baseline, sequence_advantages
from rltf_trainer.config import TrainConfig
from rltf_trainer.credit import (
    blamed_tokens,
    executed_lines,
    executed_token_mask,
    fine_penalties,
)
from rltf_trainer.extraction import Extraction
from rltf_trainer.feedback import Feedback, RewardLevels, build_feedback
from rltf_trainer.options import RewardConfig
from rltf_trainer.policy.generation import Completion
from rltf_trainer.policy.loading import Policy
from rltf_trainer.rollouts import Rollout
from rltf_trainer.sampling import Grading, Group, SampledBatch
from rltf_trainer.spans import token_spans

Entry = ExecutionResult | RefusedItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A completion the executor judged."""

    completion: Completion
    program: Extraction
    result: ExecutionResult
    feedback: Feedback


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredGroup:
    """The graded completions of a task, in the order they were sampled; None where dropped."""

    group: Group
    graded: tuple[Graded | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredBatch:
    """A batch that was graded.

    Attributes:
        groups: Every completion with what the executor said.
        rollouts: What can be learnt from: the sampled completions that were judged, in order.
        greedy: The greedy completions that were judged.
        num_dropped: Completions that were not judged.
    """

    groups: tuple[ScoredGroup, ...]
    rollouts: tuple[Rollout, ...]
    greedy: tuple[Rollout, ...]
    num_dropped: int

    @property
    def num_completions(self) -> int:
        """Completions in all, dropped ones included."""
        return sum(len(group.graded) for group in self.groups)


def grade_groups(
    batch: SampledBatch, grading: Grading, entries: Sequence[Entry], reward: RewardConfig
) -> tuple[ScoredGroup, ...]:
    """Put every completion together with the executor's word on its program."""
    levels = RewardLevels(
        syntax_error=reward.syntax_error,
        error=reward.runtime_error,
        wrong_answer=reward.wrong_answer,
        passed=reward.passed,
    )
    places = iter(grading.index)
    groups = []
    for group in batch.groups:
        graded: list[Graded | None] = []
        for completion, program in zip(group.completions, group.programs(), strict=True):
            result = entries[next(places)]
            feedback = None
            if isinstance(result, ExecutionResult):
                feedback = build_feedback(
                    result, program.source, levels=levels, adaptive=reward.adaptive
                )
            if isinstance(result, RefusedItem) or feedback is None:
                graded.append(None)
                continue
            graded.append(
                Graded(completion=completion, program=program, result=result, feedback=feedback)
            )
        groups.append(ScoredGroup(group=group, graded=tuple(graded)))
    return tuple(groups)


def score_batch(
    batch: SampledBatch,
    grading: Grading,
    entries: Sequence[Entry],
    config: TrainConfig,
    policy: Policy,
) -> ScoredBatch:
    """Give the rollouts of a batch, with the advantage of each token.

    Args:
        batch: What was sampled; every group has the same number of completions.
        grading: How its programs were submitted.
        entries: The executor's answers, one a submission.
        config: Rewards and baseline.
        policy: For its tokenizer.
    """
    groups = grade_groups(batch, grading, entries, config.reward)
    advantages = _advantages(groups, config)
    rollouts: list[Rollout] = []
    greedy: list[Rollout] = []
    num_dropped = 0
    for row, scored in enumerate(groups):
        column = 0
        for graded, completion in zip(scored.graded, scored.group.completions, strict=True):
            advantage = 0.0
            if not completion.is_greedy:
                advantage = advantages[row][column]
                column += 1
            if graded is None:
                num_dropped += 1
                continue
            rollout = _rollout(batch, scored.group, graded, advantage, config.reward, policy)
            (greedy if completion.is_greedy else rollouts).append(rollout)
    return ScoredBatch(
        groups=groups, rollouts=tuple(rollouts), greedy=tuple(greedy), num_dropped=num_dropped
    )


def _advantages(groups: Sequence[ScoredGroup], config: TrainConfig) -> list[list[float]]:
    sampled = [
        [
            (graded, completion)
            for graded, completion in zip(scored.graded, scored.group.completions, strict=True)
            if not completion.is_greedy
        ]
        for scored in groups
    ]
    greedy = [
        next(
            (each for each in scored.graded if each is not None and each.completion.is_greedy), None
        )
        for scored in groups
    ]
    is_greedy_baseline = config.baseline.kind is Baseline.GREEDY
    advantages = sequence_advantages(
        torch.tensor(
            [[0.0 if each is None else each.feedback.reward for each, _ in row] for row in sampled],
            dtype=torch.float64,
        ),
        torch.tensor([[each is not None for each, _ in row] for row in sampled]),
        baseline=config.baseline.kind,
        greedy_rewards=torch.tensor(
            [0.0 if each is None else each.feedback.reward for each in greedy], dtype=torch.float64
        )
        if is_greedy_baseline
        else None,
        greedy_mask=torch.tensor([each is not None for each in greedy])
        if is_greedy_baseline
        else None,
        truncated_mask=torch.tensor([[each.is_truncated for _, each in row] for row in sampled]),
        normalize_std=config.baseline.normalize_std,
    )
    return [[float(value) for value in row] for row in advantages.tolist()]


def _rollout(
    batch: SampledBatch,
    group: Group,
    graded: Graded,
    advantage: float,
    reward: RewardConfig,
    policy: Policy,
) -> Rollout:
    completion, program, feedback = graded.completion, graded.program, graded.feedback
    spans = token_spans(policy.tokenizer, completion.token_ids, completion.text)
    place = (completion.text, program.start, program.end)
    blamed = blamed_tokens(feedback.category, feedback.lines, spans, *place)
    credit = [0.0] * len(spans)
    if reward.fine:
        credit = fine_penalties(blamed, penalty=reward.fine_penalty, scale=reward.fine_scale)
    values = [0.0 if completion.is_greedy else advantage + extra for extra in credit]
    if reward.executed_only and (lines := executed_lines(graded.result)) is not None:
        takes_part = executed_token_mask(spans, *place, lines)
        values = [value if part else 0.0 for value, part in zip(values, takes_part, strict=True)]
    return Rollout(
        problem_id=group.task.problem.id,
        prompt_ids=group.task.prompt_ids,
        completion_ids=completion.token_ids,
        rollout_logprobs=completion.logprobs,
        policy_version=batch.policy_version,
        step=batch.step,
        is_greedy=completion.is_greedy,
        is_truncated=completion.is_truncated,
        completion=completion.text,
        program_start=program.start,
        program_end=program.end,
        verdict=feedback.verdict.value,
        reward=feedback.reward,
        token_advantages=tuple(values),
        passed=graded.result.passed,
        total=graded.result.total,
        error_type=None if feedback.error is None else feedback.error.type,
        error_line=None if feedback.error is None else feedback.error.line,
        blamed=tuple(blamed),
    )


def sample_record(group: Group, graded: Graded, *, step: int, policy: Policy) -> dict[str, Any]:
    """Give a completion as the report shows it: text, verdict, error, and the tokens at fault."""
    completion, program, feedback = graded.completion, graded.program, graded.feedback
    spans = token_spans(policy.tokenizer, completion.token_ids, completion.text)
    blamed = blamed_tokens(
        feedback.category, feedback.lines, spans, completion.text, program.start, program.end
    )
    error: ErrorInfo | None = feedback.error
    return {
        "step": step,
        "problem_id": group.task.problem.id,
        "statement": group.task.problem.statement,
        "completion": completion.text,
        "program_start": program.start,
        "program_end": program.end,
        "verdict": feedback.verdict.value,
        "reward": feedback.reward,
        "error_type": None if error is None else error.type,
        "error_line": None if error is None else error.line,
        "error_message": None if error is None else error.message,
        "token_spans": [list(span) for span in spans],
        "blamed": [int(each) for each in blamed],
        "is_greedy": completion.is_greedy,
    }
