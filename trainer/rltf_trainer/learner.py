"""One optimizer update from a batch of rollouts, in micro-batches. Nothing is sampled here."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from rltf_trainer.config import TrainConfig
from rltf_trainer.losses import Algorithm, BatchTotals, LossConfig, policy_loss, supervised_loss
from rltf_trainer.options import OptimizerConfig
from rltf_trainer.policy.loading import Policy
from rltf_trainer.policy.logprobs import TokenSequence, plan_micro_batches, score_completions
from rltf_trainer.rollouts import Rollout
from rltf_trainer.seeds import derive_seed


def learning_rate(config: OptimizerConfig, step: int, num_steps: int) -> float:
    """Give the learning rate of a step, counted from 1.

    Linear warm-up over ``warmup_steps``, then constant, or down to 0 one step after the last.
    """
    if step <= config.warmup_steps:
        return config.lr * step / config.warmup_steps
    done = (step - 1 - config.warmup_steps) / max(1, num_steps - config.warmup_steps)
    if config.schedule == "linear":
        return config.lr * (1 - done)
    if config.schedule == "cosine":
        return config.lr * 0.5 * (1 + math.cos(math.pi * done))
    return config.lr


@dataclass(slots=True)
class _Totals:
    """Sums over micro-batches, to be logged."""

    policy_loss: float = 0.0
    supervised_loss: float = 0.0
    entropy: float = 0.0
    num_tokens: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    maxima: dict[str, float] = field(default_factory=dict)

    def add(self, stats: dict[str, Tensor], num_tokens: int) -> None:
        for name, value in stats.items():
            if name.endswith("_max"):
                self.maxima[name] = max(self.maxima.get(name, -math.inf), float(value))
            else:
                self.sums[name] = self.sums.get(name, 0.0) + float(value) * num_tokens


def _compute_repeatably(device: torch.device) -> None:
    """Have gradients on a CPU come out the same, bit for bit, every time.

    Where rows of one prompt share its keys and values, their gradients are added up by several
    threads in whatever order these come, unless PyTorch is told otherwise.
    """
    torch.use_deterministic_algorithms(device.type == "cpu", warn_only=True)


class Learner:
    """Updates the policy's trainable weights.

    Args:
        policy: Its weights change in place.
        config: Loss, optimizer and seed.

    Attributes:
        num_updates: How often the weights have changed since it was made.
    """

    def __init__(self, policy: Policy, config: TrainConfig) -> None:
        self._policy = policy
        self._config = config
        self.num_updates = 0
        _compute_repeatably(policy.device)
        self._parameters = policy.trainable_parameters()
        self.optimizer = torch.optim.AdamW(
            self._parameters,
            lr=config.optimizer.lr,
            betas=(config.optimizer.beta1, config.optimizer.beta2),
            weight_decay=config.optimizer.weight_decay,
        )
        if config.optimizer.gradient_checkpointing:
            policy.model.gradient_checkpointing_enable(
                gradient_checkpointing_kwargs={"use_reentrant": False}
            )

    def update(
        self,
        rollouts: Sequence[Rollout],
        references: Sequence[TokenSequence],
        *,
        step: int,
        should_stop: Callable[[], None],
    ) -> dict[str, float]:
        """Train on a batch.

        Args:
            rollouts: What the policy gradient is taken over.
            references: Reference solutions, for the supervised term of ``rltf``.
            step: Training step, from 1; decides learning rate and dropout.
            should_stop: May raise; called only while the weights are untouched.

        Returns:
            Metrics of the update by their slash names.
        """
        torch.manual_seed(derive_seed(self._config.seed, "update", step))  # dropout of adapters
        rate = learning_rate(self._config.optimizer, step, self._config.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        metrics: dict[str, float] = {}
        self._policy.set_training(True)
        try:
            for epoch in range(self._config.algorithm.epochs):
                check = should_stop if epoch == 0 else _never
                metrics = self._one_update(rollouts, references, check)
        finally:
            self.optimizer.zero_grad(set_to_none=True)
            self._policy.set_training(False)
        metrics["optimizer/lr"] = rate
        return metrics

    def _one_update(
        self,
        rollouts: Sequence[Rollout],
        references: Sequence[TokenSequence],
        should_stop: Callable[[], None],
    ) -> dict[str, float]:
        self.optimizer.zero_grad(set_to_none=True)
        totals = _Totals()
        self._add_policy_gradient(rollouts, totals, should_stop)
        weight = self._config.algorithm.supervised_weight
        if references and weight and self._config.algorithm.name is Algorithm.RLTF:
            self._add_supervised_gradient(references, weight, totals, should_stop)
        clip = self._config.optimizer.grad_clip or math.inf
        norm = float(torch.nn.utils.clip_grad_norm_(self._parameters, clip))
        is_sound = math.isfinite(norm)
        if is_sound and norm > 0:
            self.num_updates += 1  # before it: a fault within would leave them half changed
            self.optimizer.step()
        tokens = max(1, totals.num_tokens)
        return {
            "loss/total": totals.policy_loss + weight * totals.supervised_loss,
            "loss/policy": totals.policy_loss,
            "loss/supervised": totals.supervised_loss,
            "policy/entropy": totals.entropy / tokens,
            "policy/grad_norm": norm,
            "policy/trained_tokens": totals.num_tokens,
            "policy/update_skipped": float(not is_sound),
            **{name: value / tokens for name, value in totals.sums.items()},
            **totals.maxima,
        }

    def _add_policy_gradient(
        self, rollouts: Sequence[Rollout], totals: _Totals, should_stop: Callable[[], None]
    ) -> None:
        # A rollout whose every advantage is 0 adds nothing to any gradient, only to the averages'
        # denominators; it is not worth a forward pass.
        whole = BatchTotals(
            num_sequences=sum(bool(each.completion_ids) for each in rollouts),
            num_tokens=sum(len(each.completion_ids) for each in rollouts),
        )
        telling = [each for each in rollouts if any(each.token_advantages)]
        sequences = [
            TokenSequence(prompt_ids=each.prompt_ids, completion_ids=each.completion_ids)
            for each in telling
        ]
        for batch in self._micro_batches(sequences):
            should_stop()
            scores = score_completions(
                self._policy,
                [sequences[index] for index in batch],
                temperature=self._config.rollout.temperature,
            )
            mask = scores.completion_mask
            output = policy_loss(
                self._config.algorithm.name,
                scores.logprobs,
                _padded([telling[index].rollout_logprobs for index in batch], mask),
                _padded([telling[index].token_advantages for index in batch], mask),
                mask,
                self._loss_config(),
                totals=whole,
            )
            output.loss.backward()
            num_tokens = int(mask.sum())
            totals.policy_loss += float(output.loss.detach())
            totals.entropy += float(scores.entropies.sum())
            totals.num_tokens += num_tokens
            totals.add(output.stats, num_tokens)

    def _add_supervised_gradient(
        self,
        references: Sequence[TokenSequence],
        weight: float,
        totals: _Totals,
        should_stop: Callable[[], None],
    ) -> None:
        whole = BatchTotals(
            num_sequences=len(references),
            num_tokens=sum(len(each.completion_ids) for each in references),
        )
        for batch in self._micro_batches(references):
            should_stop()
            scores = score_completions(self._policy, [references[index] for index in batch])
            loss = supervised_loss(scores.logprobs, scores.completion_mask, totals=whole)
            (weight * loss).backward()
            totals.supervised_loss += float(loss.detach())

    def _micro_batches(self, sequences: Sequence[TokenSequence]) -> list[list[int]]:
        return plan_micro_batches(sequences, self._config.optimizer.micro_batch_tokens)

    def _loss_config(self) -> LossConfig:
        algorithm = self._config.algorithm
        return LossConfig(
            clip_low=algorithm.clip_low,
            clip_high=algorithm.clip_high,
            reduction=algorithm.reduction,
            fixed_length=self._config.rollout.max_new_tokens,
            dual_clip=algorithm.dual_clip,
            importance_cap=algorithm.importance_cap,
        )


def _never() -> None:
    """Stop nothing."""


def _padded(rows: Sequence[Sequence[float]], mask: Tensor) -> Tensor:
    """Give rows of different lengths as one tensor of the shape of ``mask``, zeros at the end."""
    padded = torch.zeros(mask.shape, dtype=torch.float32)
    for index, row in enumerate(rows):
        padded[index, : len(row)] = torch.tensor(row, dtype=torch.float32)
    return padded.to(mask.device)
