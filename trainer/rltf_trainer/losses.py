"""Policy-gradient losses over tokens, and the supervised term. Pure functions of tensors.

No model and no optimizer here. Every loss minimises ``reduce(term_t + kl_coefficient * k3_t)`` over
the tokens of ``completion_mask``; the algorithms differ in the term of a token and in how tokens
are averaged. With ``r = exp(policy - rollout)`` and ``min = min(r A, clip(r) A)``:

=========  ============================  =============  =============================
algorithm  term of a token, advantage A  reduction      source
=========  ============================  =============  =============================
rltf       -A log p                      sequence_mean  2307.04349, Eqs. 2 and 8-10
reinforce  -A log p                      sequence_sum   Williams 1992
rloo       -A log p, A leave_one_out     sequence_sum   2402.14740
grpo       -min                          sequence_mean  2402.03300, Eq. 3
dr_grpo    -min, A not over the spread   fixed_length   2503.20783
dapo       -min, clipped wider above     token_mean     2503.14476, Eq. 8
gspo       -min, r of the sequence       sequence_mean  2507.18071, Eqs. 5-7 and 13-14
cispo      -stop(clip(r)) A log p        token_mean     2506.13585, Eqs. 4-5
ppo_clip   -min                          token_mean     1707.06347, Eq. 7
=========  ============================  =============  =============================

Advantages are per token everywhere, so each algorithm takes the line penalty of ``credit``.
docs/rewards.md has the formulas in full.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import torch
from torch import Tensor

_MOST_LOG_RATIO: Final = 20.0
"""exp(20) = 4.9e8 is far beyond any clip range, and its square still fits a float32."""


class Algorithm(StrEnum):
    """How a token's advantage becomes a loss; see the table of this module."""

    RLTF = "rltf"
    REINFORCE = "reinforce"
    RLOO = "rloo"
    GRPO = "grpo"
    DR_GRPO = "dr_grpo"
    DAPO = "dapo"
    GSPO = "gspo"
    CISPO = "cispo"
    PPO_CLIP = "ppo_clip"


class Reduction(StrEnum):
    """How the losses of tokens become one number."""

    SEQUENCE_MEAN = "sequence_mean"  # mean over each sequence's tokens, then over sequences
    SEQUENCE_SUM = "sequence_sum"  # sum over each sequence's tokens, then mean over sequences
    TOKEN_MEAN = "token_mean"  # noqa: S105 - mean over all tokens; long sequences weigh more
    FIXED_LENGTH = (
        "fixed_length"  # sequence_sum divided by a constant length: no length weighs more
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """Knobs of ``policy_loss``; None = the algorithm's own value, see ``DEFAULTS``.

    Attributes:
        clip_low: The ratio is clipped below at 1 - clip_low.
        clip_high: The ratio is clipped above at 1 + clip_high.
        reduction: How tokens are averaged.
        fixed_length: Tokens that ``Reduction.FIXED_LENGTH`` divides by: the longest completion
            allowed. Must not change during a run.
        dual_clip: Bound c > 1 on the loss of a token with a negative advantage, at -c A
            (1912.09729); for the algorithms that take the minimum.
        importance_cap: Weight of stale tokens in rltf, reinforce and rloo: min(ratio, cap), not
            differentiated (truncated importance sampling). None = every token weighs 1, as in the
            papers.
        kl_coefficient: Weight of the KL divergence from the reference policy, per token (k3;
            2402.03300, Eq. 4).
    """

    clip_low: float | None = None
    clip_high: float | None = None
    reduction: Reduction | None = None
    fixed_length: int | None = None
    dual_clip: float | None = None
    importance_cap: float | None = None
    kl_coefficient: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgorithmDefaults:
    """What an algorithm uses where ``LossConfig`` says None."""

    clip_low: float
    clip_high: float
    reduction: Reduction


_NO_CLIP: Final = float("inf")
DEFAULTS: Final[Mapping[Algorithm, AlgorithmDefaults]] = {
    algorithm: AlgorithmDefaults(clip_low=low, clip_high=high, reduction=reduction)
    for algorithm, low, high, reduction in (
        (Algorithm.RLTF, _NO_CLIP, _NO_CLIP, Reduction.SEQUENCE_MEAN),
        (Algorithm.REINFORCE, _NO_CLIP, _NO_CLIP, Reduction.SEQUENCE_SUM),
        (Algorithm.RLOO, _NO_CLIP, _NO_CLIP, Reduction.SEQUENCE_SUM),
        (Algorithm.GRPO, 0.2, 0.2, Reduction.SEQUENCE_MEAN),
        (Algorithm.DR_GRPO, 0.2, 0.2, Reduction.FIXED_LENGTH),
        (Algorithm.DAPO, 0.2, 0.28, Reduction.TOKEN_MEAN),
        (Algorithm.GSPO, 3e-4, 4e-4, Reduction.SEQUENCE_MEAN),
        (Algorithm.CISPO, _NO_CLIP, 4.0, Reduction.TOKEN_MEAN),
        (Algorithm.PPO_CLIP, 0.2, 0.2, Reduction.TOKEN_MEAN),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTotals:
    """Size of the whole batch of an optimizer step, when its loss is computed in parts.

    A mean over a part is not a part of the mean over all. With the totals given, the losses of the
    parts add up to the loss of the whole.
    """

    num_sequences: int
    num_tokens: int

    @classmethod
    def of(cls, completion_mask: Tensor) -> "BatchTotals":
        """Count the tokens of a batch, and the sequences that have any."""
        return cls(
            num_sequences=int(completion_mask.any(dim=1).sum()),
            num_tokens=int(completion_mask.sum()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LossOutput:
    """A loss to differentiate, and numbers to log: detached scalars by metric name."""

    loss: Tensor
    stats: dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class _Tokens:
    """One batch, ready to compute with: zeros wherever the mask is False, at least float32."""

    logprobs: Tensor
    log_ratio: Tensor  # policy - rollout, within ±_MOST_LOG_RATIO
    advantages: Tensor
    mask: Tensor
    low: float
    high: float
    config: LossConfig


def policy_loss(
    algorithm: Algorithm,
    policy_logprobs: Tensor,
    rollout_logprobs: Tensor,
    token_advantages: Tensor,
    completion_mask: Tensor,
    config: LossConfig | None = None,
    *,
    ref_logprobs: Tensor | None = None,
    totals: BatchTotals | None = None,
) -> LossOutput:
    """Compute the policy-gradient loss of a batch of rollouts.

    Positions outside ``completion_mask`` add exactly nothing, to the loss or to any gradient,
    whatever they hold. A batch without any token has the loss 0.

    Args:
        algorithm: Which loss.
        policy_logprobs: Float, (sequences, tokens); log-probability of each token under the policy
            being trained.
        rollout_logprobs: The same under the policy that sampled; not differentiated.
        token_advantages: Float, (sequences, tokens); not differentiated.
        completion_mask: Bool, (sequences, tokens); True = the token takes part in the loss.
        config: Knobs; the algorithm's own values if None.
        ref_logprobs: The same under the reference policy; needed if ``kl_coefficient`` is not 0.
        totals: Size of the whole batch if this is a part of it; of this batch if None.

    Returns:
        The loss, and statistics of this batch.

    Raises:
        ValueError: Shapes differ, or a value that is needed is missing or out of range.
    """
    config = LossConfig() if config is None else config
    algorithm = Algorithm(algorithm)
    defaults = DEFAULTS[algorithm]
    _check(
        policy_logprobs, rollout_logprobs, token_advantages, completion_mask, ref_logprobs, config
    )
    mask = completion_mask
    logprobs = _kept(policy_logprobs, mask)
    tokens = _Tokens(
        logprobs=logprobs,
        log_ratio=_bounded(logprobs - _kept(rollout_logprobs, mask).detach()),
        advantages=_kept(token_advantages, mask).detach(),
        mask=mask,
        low=1 - (defaults.clip_low if config.clip_low is None else config.clip_low),
        high=1 + (defaults.clip_high if config.clip_high is None else config.clip_high),
        config=config,
    )
    terms, ratio = _TERMS[algorithm](tokens)
    stats = _ratio_stats(tokens, ratio.detach())
    if ref_logprobs is not None:
        divergence = _k3(_bounded(_kept(ref_logprobs, mask).detach() - logprobs))
        stats["policy/kl_reference"] = _mean(divergence.detach(), mask)
        if config.kl_coefficient:
            terms = terms + config.kl_coefficient * divergence
    reduction = defaults.reduction if config.reduction is None else config.reduction
    loss = _reduce(terms.where(mask, 0.0), mask, reduction, config.fixed_length, totals)
    return LossOutput(loss=loss, stats=stats)


def supervised_loss(
    logprobs: Tensor,
    target_mask: Tensor,
    *,
    reduction: Reduction = Reduction.TOKEN_MEAN,
    totals: BatchTotals | None = None,
) -> Tensor:
    """Compute the cross-entropy of reference solutions: L_sl of arXiv 2307.04349, Eq. 7, as a mean.

    Args:
        logprobs: Float, (sequences, tokens); log-probability of each token of the reference.
        target_mask: Bool, (sequences, tokens); True = the token is part of the reference.
        reduction: How tokens are averaged; not ``fixed_length``.
        totals: Size of the whole batch if this is a part of it; of this batch if None.

    Returns:
        Scalar; 0 if the mask is empty.

    Raises:
        ValueError: The shapes differ.
    """
    if logprobs.shape != target_mask.shape:
        raise ValueError(
            f"shapes differ: logprobs {tuple(logprobs.shape)}, "
            f"target_mask {tuple(target_mask.shape)}"
        )
    return _reduce(-_kept(logprobs, target_mask), target_mask, reduction, None, totals)


def _check(
    policy_logprobs: Tensor,
    rollout_logprobs: Tensor,
    token_advantages: Tensor,
    completion_mask: Tensor,
    ref_logprobs: Tensor | None,
    config: LossConfig,
) -> None:
    shape = policy_logprobs.shape
    if len(shape) != 2:
        raise ValueError(f"policy_logprobs: shape {tuple(shape)} is not (sequences, tokens)")
    for name, other in (
        ("rollout_logprobs", rollout_logprobs),
        ("token_advantages", token_advantages),
        ("completion_mask", completion_mask),
        ("ref_logprobs", ref_logprobs),
    ):
        if other is not None and other.shape != shape:
            raise ValueError(
                f"shapes differ: policy_logprobs {tuple(shape)}, {name} {tuple(other.shape)}"
            )
    if completion_mask.dtype != torch.bool:
        raise ValueError(f"completion_mask: {completion_mask.dtype} is not torch.bool")
    if config.kl_coefficient and ref_logprobs is None:
        raise ValueError("ref_logprobs: needed while kl_coefficient is not 0")
    if config.dual_clip is not None and config.dual_clip <= 1:
        raise ValueError(f"dual_clip: {config.dual_clip} is not above 1")


def _kept(values: Tensor, mask: Tensor) -> Tensor:
    """Zero what is masked out before any arithmetic: 0 * NaN is NaN, and so is its gradient."""
    wide = values if values.dtype == torch.float64 else values.float()
    return wide.where(mask, 0.0)


def _bounded(log_ratio: Tensor) -> Tensor:
    return log_ratio.clamp(-_MOST_LOG_RATIO, _MOST_LOG_RATIO)


def _mean(values: Tensor, mask: Tensor) -> Tensor:
    return values.where(mask, 0.0).sum() / mask.sum().clamp(min=1)


def _k3(log_ratio: Tensor) -> Tensor:
    """Estimate KL(p || q) from samples of p, given log q - log p: never negative, unbiased."""
    return log_ratio.exp() - log_ratio - 1


def _score_terms(tokens: _Tokens) -> tuple[Tensor, Tensor]:
    """-A log p: the policy gradient itself, which trusts that the sample is the policy's own."""
    ratio = tokens.log_ratio.exp()
    weight = torch.ones_like(ratio)
    if tokens.config.importance_cap is not None:
        weight = ratio.detach().clamp(max=tokens.config.importance_cap)
    return -weight * tokens.advantages * tokens.logprobs, ratio


def _clipped_terms(tokens: _Tokens) -> tuple[Tensor, Tensor]:
    """-min(ratio A, clip(ratio) A) with the ratio of each token."""
    ratio = tokens.log_ratio.exp()
    return _pessimistic(ratio, tokens), ratio


def _sequence_clipped_terms(tokens: _Tokens) -> tuple[Tensor, Tensor]:
    """The same with the mean ratio of a sequence, in the form with one advantage a token.

    The value of each token's ratio is its sequence's geometric mean; its gradient is its own
    (GSPO-token, Eqs. 13-14). With one advantage a sequence this equals GSPO (Eq. 5) in value and
    gradient.
    """
    num_tokens = tokens.mask.sum(dim=1, keepdim=True).clamp(min=1)  # (sequences, 1)
    log_ratio = _bounded(tokens.log_ratio.sum(dim=1, keepdim=True) / num_tokens)
    ratio = log_ratio.exp().detach() * (tokens.logprobs - tokens.logprobs.detach()).exp()
    return _pessimistic(ratio, tokens), ratio


def _pessimistic(ratio: Tensor, tokens: _Tokens) -> Tensor:
    clipped = ratio.clamp(tokens.low, tokens.high)
    gain = torch.minimum(ratio * tokens.advantages, clipped * tokens.advantages)
    if tokens.config.dual_clip is not None:
        floor = tokens.config.dual_clip * tokens.advantages
        gain = torch.where(tokens.advantages < 0, torch.maximum(gain, floor), gain)
    return -gain


def _weighted_terms(tokens: _Tokens) -> tuple[Tensor, Tensor]:
    """-stop(clip(ratio)) A log p: clipping bounds a token's weight and never silences it."""
    ratio = tokens.log_ratio.exp()
    weight = ratio.detach().clamp(tokens.low, tokens.high)
    return -weight * tokens.advantages * tokens.logprobs, ratio


_TERMS: Final[Mapping[Algorithm, Callable[[_Tokens], tuple[Tensor, Tensor]]]] = {
    Algorithm.RLTF: _score_terms,
    Algorithm.REINFORCE: _score_terms,
    Algorithm.RLOO: _score_terms,
    Algorithm.GRPO: _clipped_terms,
    Algorithm.DR_GRPO: _clipped_terms,
    Algorithm.DAPO: _clipped_terms,
    Algorithm.GSPO: _sequence_clipped_terms,
    Algorithm.CISPO: _weighted_terms,
    Algorithm.PPO_CLIP: _clipped_terms,
}


def _ratio_stats(tokens: _Tokens, ratio: Tensor) -> dict[str, Tensor]:
    mask = tokens.mask
    return {
        "policy/ratio_mean": _mean(ratio, mask),
        "policy/ratio_max": ratio.where(mask, 0.0).amax() if ratio.numel() else ratio.sum(),
        "policy/clip_low_fraction": _mean((ratio < tokens.low).to(ratio.dtype), mask),
        "policy/clip_high_fraction": _mean((ratio > tokens.high).to(ratio.dtype), mask),
        "policy/kl_rollout": _mean(_k3(tokens.log_ratio.detach()), mask),
    }


def _reduce(
    terms: Tensor,
    mask: Tensor,
    reduction: Reduction,
    fixed_length: int | None,
    totals: BatchTotals | None,
) -> Tensor:
    """Average terms that are 0 outside the mask."""
    num_tokens = mask.sum() if totals is None else totals.num_tokens
    num_sequences = mask.any(dim=1).sum() if totals is None else totals.num_sequences
    if reduction is Reduction.TOKEN_MEAN:
        return terms.sum() / max(int(num_tokens), 1)
    per_sequence = terms.sum(dim=1)
    if reduction is Reduction.SEQUENCE_MEAN:
        per_sequence = per_sequence / mask.sum(dim=1).clamp(min=1)
    elif reduction is Reduction.FIXED_LENGTH:
        if fixed_length is None or fixed_length < 1:
            raise ValueError(f"fixed_length: {fixed_length} is not a number of tokens to divide by")
        per_sequence = per_sequence / fixed_length
    return per_sequence.sum() / max(int(num_sequences), 1)
