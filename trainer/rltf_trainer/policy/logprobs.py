"""Log-probabilities and entropies of completions under the policy, with gradients.

A prompt is read once, however many completions of it are scored together; gradients flow through
what is shared. Memory is bounded: only positions of completions are turned into logits, a bounded
number at a time, and those are recomputed in the backward pass, so that a vocabulary of 150,000
entries never makes a tensor of the whole batch.

The logits are divided by the sampling temperature, so that without ``top_p`` and ``top_k`` the
result is what ``generation`` stored. The cuts of ``top_p`` and ``top_k`` are not applied here: with
them, ratios to the stored log-probabilities start below 1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint
from transformers import DynamicCache

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


def plan_micro_batches(sequences: Sequence[TokenSequence], max_tokens: int) -> list[list[int]]:
    """Split sequences into micro-batches of at most ``max_tokens`` tokens, padding included.

    Completions of one prompt go together, and like lengths do. A sequence that is longer than
    ``max_tokens`` has a micro-batch of its own.

    Returns:
        Indices into ``sequences``; each occurs once.
    """
    order = sorted(
        range(len(sequences)),
        key=lambda index: (
            -len(sequences[index].prompt_ids),
            sequences[index].prompt_ids,
            -len(sequences[index].completion_ids),
            index,
        ),
    )
    batches: list[list[int]] = []
    for index in order:
        grown = [*batches[-1], index] if batches else [index]
        if batches and _padded_tokens([sequences[each] for each in grown]) <= max_tokens:
            batches[-1] = grown
        else:
            batches.append([index])
    return batches


def _padded_tokens(sequences: Sequence[TokenSequence]) -> int:
    prompts = {sequence.prompt_ids for sequence in sequences}
    longest_completion = max(len(sequence.completion_ids) for sequence in sequences)
    return len(prompts) * max(map(len, prompts)) + len(sequences) * longest_completion


def score_completions(
    policy: Policy, sequences: Sequence[TokenSequence], *, temperature: float = 1.0
) -> Scores:
    """Give the log-probability and entropy of every completion token, as one micro-batch.

    Args:
        policy: The model asked.
        sequences: Prompts and completions, neither of them empty.
        temperature: Divides the logits.
    """
    width = max(len(sequence.completion_ids) for sequence in sequences)
    targets = torch.full((len(sequences), width), policy.pad_id, dtype=torch.long)
    mask = torch.zeros((len(sequences), width), dtype=torch.bool)
    for row, sequence in enumerate(sequences):
        targets[row, : len(sequence.completion_ids)] = torch.tensor(sequence.completion_ids)
        mask[row, : len(sequence.completion_ids)] = True
    mask, targets = mask.to(policy.device), targets.to(policy.device)
    with policy.computing():
        hidden, head = _hidden_states(policy, sequences, targets, mask)
    hidden, wanted = (
        hidden[mask],
        targets[mask],
    )  # (completion tokens, hidden), (completion tokens,)
    step = max(1, MAX_LOGITS // policy.model.config.get_text_config().vocab_size)
    parts = [
        checkpoint(
            _score_positions,
            policy,
            head,
            hidden[start : start + step],
            wanted[start : start + step],
            temperature,
            use_reentrant=False,
        )
        for start in range(0, len(wanted), step)
    ]
    empty = torch.zeros(mask.shape, dtype=torch.float32, device=policy.device)
    return Scores(
        logprobs=empty.masked_scatter(mask, torch.cat([part[0] for part in parts])),
        entropies=empty.masked_scatter(mask, torch.cat([part[1] for part in parts])),
        completion_mask=mask,
    )


def _hidden_states(
    policy: Policy, sequences: Sequence[TokenSequence], targets: Tensor, mask: Tensor
) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """Give the hidden states that predict ``targets``, and what turns them into logits.

    Returns:
        Float, (sequences, tokens, hidden), and the head. A model that does more to its logits than
        one linear layer gives its logits here, and nothing is left to do.
    """
    prefixes = list(dict.fromkeys(sequence.prompt_ids[:-1] for sequence in sequences))
    rows = torch.tensor([prefixes.index(sequence.prompt_ids[:-1]) for sequence in sequences])
    cache, prefix_mask = _read_prefixes(policy, prefixes)
    cache.batch_select_indices(rows.to(policy.device))
    prefix_mask = prefix_mask[rows.to(policy.device)]
    # Token i is predicted by token i - 1: the last of the prompt, then all but the last written.
    last = torch.tensor([sequence.prompt_ids[-1] for sequence in sequences], device=policy.device)
    inputs = {
        "input_ids": torch.cat([last[:, None], targets[:, :-1]], dim=1),
        "attention_mask": torch.cat([prefix_mask, mask.to(prefix_mask.dtype)], dim=1),
        "position_ids": prefix_mask.sum(dim=1, keepdim=True)
        + torch.arange(mask.shape[1], device=policy.device),
        "past_key_values": cache,
        "use_cache": True,
    }
    if not policy.has_linear_head:
        return policy.model(**inputs).logits, lambda logits: logits
    decoder, head = split_head(policy.model)
    return decoder(**inputs).last_hidden_state, head


def _read_prefixes(
    policy: Policy, prefixes: Sequence[tuple[int, ...]]
) -> tuple[DynamicCache, Tensor]:
    """Give keys and values of all prompt tokens but the last, and which of them are no padding."""
    cache = DynamicCache(config=policy.model.config)
    longest = max(map(len, prefixes))
    input_ids = torch.full((len(prefixes), longest), policy.pad_id, dtype=torch.long)
    mask = torch.zeros((len(prefixes), longest), dtype=torch.long)
    for row, prefix in enumerate(prefixes):
        start = longest - len(prefix)
        input_ids[row, start:] = torch.tensor(prefix, dtype=torch.long)
        mask[row, start:] = 1
    position_ids = (mask.cumsum(dim=1) - 1).clamp(min=0)
    mask = mask.to(policy.device)
    if longest > 0:
        decoder, _ = split_head(policy.model)
        decoder(
            input_ids=input_ids.to(policy.device),
            attention_mask=mask,
            position_ids=position_ids.to(policy.device),
            past_key_values=cache,
            use_cache=True,
        )
    return cache, mask


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
