"""Rewards to advantages: how much better a rollout did than its baseline. Pure functions.

Every function takes one row a group: the rollouts of one prompt under one policy version. Credit of
single tokens is added afterwards, by ``token_advantages``, so that no normalisation can average it
away.
"""

from enum import StrEnum
from typing import Final

import torch
from torch import Tensor

_LEAST_STD: Final = 1e-6
"""Rewards closer together than this count as equal; dividing by such a spread would magnify
rounding errors."""


class Baseline(StrEnum):
    """What the rewards of a group are compared with."""

    GREEDY = "greedy"  # reward of the greedy completion; arXiv 2307.04349, Eqs. 8 and 10
    GROUP_MEAN = "group_mean"  # mean of the group: GRPO, arXiv 2402.03300
    LEAVE_ONE_OUT = "leave_one_out"  # mean of the others: RLOO, arXiv 2402.14740
    NONE = "none"  # 0


def sequence_advantages(
    rewards: Tensor,
    scored_mask: Tensor,
    *,
    baseline: Baseline,
    greedy_rewards: Tensor | None = None,
    greedy_mask: Tensor | None = None,
    truncated_mask: Tensor | None = None,
    normalize_std: bool = False,
) -> Tensor:
    """Compare each reward with the baseline of its group.

    A rollout votes in its group's mean and spread if it is scored and not truncated. A truncated
    one is still compared with the mean of those that vote. Where there is nothing to compare with
    (no vote at all, no *other* vote for ``leave_one_out``, no scored greedy completion for
    ``greedy``) the advantage is 0.

    Args:
        rewards: Float, (groups, samples). Entries that are not scored may hold anything, NaN too.
        scored_mask: Bool, (groups, samples); True = the executor gave a verdict on the program.
        baseline: What to compare with.
        greedy_rewards: Float, (groups,); needed for ``greedy``.
        greedy_mask: Bool, (groups,); True = the greedy completion is scored. All are, if None.
        truncated_mask: Bool, (groups, samples); True = cut off by the length limit. None are, if
            None.
        normalize_std: Divide by the standard deviation (n - 1) of the votes. A group whose votes
            are all equal, or that has a single one, is left as it is.

    Returns:
        Float, (groups, samples); 0 where not scored.

    Raises:
        ValueError: Shapes differ, a scored reward is not finite, or ``greedy_rewards`` is missing.
    """
    _check(rewards, scored_mask, truncated_mask)
    voting_mask = scored_mask if truncated_mask is None else scored_mask & ~truncated_mask
    rewards = rewards.where(scored_mask, 0.0)
    votes = rewards.where(voting_mask, 0.0)
    num_votes = voting_mask.sum(dim=1, keepdim=True)  # (groups, 1)
    comparable = scored_mask
    if baseline is Baseline.GREEDY:
        base, has_base = _greedy_base(rewards, greedy_rewards, greedy_mask)
        comparable = comparable & has_base
    elif baseline is Baseline.GROUP_MEAN:
        base = votes.sum(dim=1, keepdim=True) / num_votes.clamp(min=1)
        comparable = comparable & (num_votes > 0)
    elif baseline is Baseline.LEAVE_ONE_OUT:
        num_others = num_votes - voting_mask.to(num_votes.dtype)  # (groups, samples)
        base = (votes.sum(dim=1, keepdim=True) - votes) / num_others.clamp(min=1)
        comparable = comparable & (num_others > 0)
    else:
        base = torch.zeros_like(rewards)
    advantages = rewards - base
    if normalize_std:
        advantages = advantages / _spread(votes, voting_mask, num_votes)
    return advantages.where(comparable, 0.0)


def _check(rewards: Tensor, scored_mask: Tensor, truncated_mask: Tensor | None) -> None:
    if rewards.dim() != 2 or rewards.shape != scored_mask.shape:
        raise ValueError(
            f"shapes differ: rewards {tuple(rewards.shape)}, scored_mask {tuple(scored_mask.shape)}"
        )
    if truncated_mask is not None and truncated_mask.shape != rewards.shape:
        raise ValueError(
            f"shapes differ: rewards {tuple(rewards.shape)}, "
            f"truncated_mask {tuple(truncated_mask.shape)}"
        )
    if not rewards[scored_mask].isfinite().all():
        raise ValueError("rewards: a scored reward is not finite")


def _greedy_base(
    rewards: Tensor, greedy_rewards: Tensor | None, greedy_mask: Tensor | None
) -> tuple[Tensor, Tensor]:
    num_groups = rewards.shape[0]
    if greedy_rewards is None or greedy_rewards.shape != (num_groups,):
        raise ValueError(
            f"greedy_rewards: baseline 'greedy' needs one for each of {num_groups} groups"
        )
    if greedy_mask is None:
        greedy_mask = torch.ones(num_groups, dtype=torch.bool, device=rewards.device)
    if not greedy_rewards[greedy_mask].isfinite().all():
        raise ValueError("greedy_rewards: a scored reward is not finite")
    return greedy_rewards.where(greedy_mask, 0.0)[:, None], greedy_mask[:, None]


def _spread(votes: Tensor, voting_mask: Tensor, num_votes: Tensor) -> Tensor:
    mean = votes.sum(dim=1, keepdim=True) / num_votes.clamp(min=1)
    squares = (votes - mean).square().where(voting_mask, 0.0).sum(dim=1, keepdim=True)
    std = (squares / (num_votes - 1).clamp(min=1)).sqrt()
    return std.where(std > _LEAST_STD, 1.0)


def token_advantages(advantages: Tensor, token_credit: Tensor, completion_mask: Tensor) -> Tensor:
    """Spread each rollout's advantage over its tokens and add the credit of each token.

    Args:
        advantages: Float, (rollouts,); of ``sequence_advantages``, normalised or not.
        token_credit: Float, (rollouts, tokens); such as the penalties of ``credit.fine_penalties``.
        completion_mask: Bool, (rollouts, tokens); True = the token takes part in the loss.

    Returns:
        Float, (rollouts, tokens); 0 where the token takes no part.

    Raises:
        ValueError: The shapes differ.
    """
    if token_credit.shape != completion_mask.shape or advantages.shape != token_credit.shape[:1]:
        raise ValueError(
            f"shapes differ: advantages {tuple(advantages.shape)}, "
            f"token_credit {tuple(token_credit.shape)}, "
            f"completion_mask {tuple(completion_mask.shape)}"
        )
    return (advantages[:, None] + token_credit).where(completion_mask, 0.0)
