"""Log-probabilities and entropies of completions under the policy, with gradients.

Memory is bounded. Only positions of completions are turned into logits, a bounded number at a time,
and those are recomputed in the backward pass: a vocabulary of 150,000 entries never makes a tensor
of the whole batch. The logits are divided by the sampling temperature, so that without ``top_p``
and ``top_k`` the result is what ``generation`` stored. The cuts of ``top_p`` and ``top_k`` are not
applied here: with them, ratios to the stored log-probabilities start below 1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from rltf_trainer.policy.loading import Policy, split_head

MAX_LOGITS = 1 << 25  # entries of the logits held at a time: 128 MiB in fp32


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSequence:
    """A prompt and a completion of it, as token ids."""

    prompt_ids: tuple[int, ...]
    completion_ids: tuple[int, ...]

    @property
    def num_tokens(self) -> int:
        """Tokens in all."""
        return len(self.prompt_ids) + len(self.completion_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What the policy thinks of completions.

    Attributes:
        logprobs: Float, (sequences, tokens), with gradient; 0 outside the completions.
        entropies: Float, (sequences, tokens), nats, no gradient; 0 outside the completions.
        completion_mask: Bool, (sequences, tokens); True = a token of the completion.
    """

    logprobs: Tensor
    entropies: Tensor
    completion_mask: Tensor


def plan_micro_batches(lengths: Sequence[int], max_tokens: int) -> list[list[int]]:
    """Split sequences into micro-batches of at most ``max_tokens`` padded tokens.

    Like lengths go together. A sequence longer than ``max_tokens`` has a micro-batch of its own.

    Returns:
        Indices into ``lengths``; each occurs once.
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    batches: list[list[int]] = []
    for index in order:
        if batches and lengths[batches[-1][0]] * (len(batches[-1]) + 1) <= max_tokens:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


def score_completions(
    policy: Policy, sequences: Sequence[TokenSequence], *, temperature: float = 1.0
) -> Scores:
    """Give the log-probability and entropy of every completion token, as one micro-batch.

    Args:
        policy: The model asked.
        sequences: Prompts and completions; no prompt may be empty.
        temperature: Divides the logits.
    """
    width = max(len(sequence.completion_ids) for sequence in sequences)
    mask = torch.zeros((len(sequences), width), dtype=torch.bool)
    rows: list[int] = []
    columns: list[int] = []
    targets: list[int] = []
    for row, sequence in enumerate(sequences):
        mask[row, : len(sequence.completion_ids)] = True
        rows += [row] * len(sequence.completion_ids)
        first = len(sequence.prompt_ids) - 1  # position i is what predicts token i + 1
        columns += range(first, first + len(sequence.completion_ids))
        targets += sequence.completion_ids
    mask = mask.to(policy.device)
    with policy.computing():
        hidden, head = _hidden_states(policy, sequences)
    positions = hidden[torch.tensor(rows), torch.tensor(columns)]  # (completion tokens, hidden)
    wanted = torch.tensor(targets, device=policy.device)
    step = max(1, MAX_LOGITS // policy.model.config.get_text_config().vocab_size)
    parts = [
        checkpoint(
            _score_positions,
            policy,
            head,
            positions[start : start + step],
            wanted[start : start + step],
            temperature,
            use_reentrant=False,
        )
        for start in range(0, len(targets), step)
    ]
    empty = torch.zeros(mask.shape, dtype=torch.float32, device=policy.device)
    return Scores(
        logprobs=empty.masked_scatter(mask, torch.cat([part[0] for part in parts])),
        entropies=empty.masked_scatter(mask, torch.cat([part[1] for part in parts])),
        completion_mask=mask,
    )


def _hidden_states(
    policy: Policy, sequences: Sequence[TokenSequence]
) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """Give the last hidden states, (sequences, tokens, hidden), and what turns them into logits.

    A model that does more to its logits than one linear layer gives its logits here, and nothing is
    left to do.
    """
    input_ids, attention_mask = _pad(policy, sequences)
    if not policy.has_linear_head:
        output = policy.model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False)
        return output.logits, lambda logits: logits
    decoder, head = split_head(policy.model)
    output = decoder(input_ids=input_ids, attention_mask=attention_mask, use_cache=False)
    return output.last_hidden_state, head


def _score_positions(
    policy: Policy,
    head: Callable[[Tensor], Tensor],
    hidden: Tensor,
    targets: Tensor,
    temperature: float,
) -> tuple[Tensor, Tensor]:
    """Give log-probability and entropy at each position.

    Args:
        policy: For the number format it computes in.
        head: Turns hidden states into logits.
        hidden: Float, (positions, hidden).
        targets: Long, (positions,).
        temperature: Divides the logits.

    Returns:
        Two of float32, (positions,); the second without gradient.
    """
    with policy.computing():
        logits = head(hidden)
    logprobs = torch.log_softmax(logits.float() / temperature, dim=-1)
    chosen = logprobs.gather(1, targets[:, None])[:, 0]
    with torch.no_grad():
        entropies = -(logprobs.exp() * logprobs).sum(dim=-1)
    return chosen, entropies


def _pad(policy: Policy, sequences: Sequence[TokenSequence]) -> tuple[Tensor, Tensor]:
    longest = max(sequence.num_tokens for sequence in sequences)
    input_ids = torch.full((len(sequences), longest), policy.pad_id, dtype=torch.long)
    attention_mask = torch.zeros((len(sequences), longest), dtype=torch.long)
    for row, sequence in enumerate(sequences):
        ids = sequence.prompt_ids + sequence.completion_ids
        input_ids[row, : len(ids)] = torch.tensor(ids, dtype=torch.long)
        attention_mask[row, : len(ids)] = 1
    return input_ids.to(policy.device), attention_mask.to(policy.device)
