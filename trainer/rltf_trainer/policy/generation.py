"""Samples completions in batches, with each token's log-probability. Ids are never re-tokenised.

The distribution sampled from is softmax(logits / temperature), cut to its ``top_k`` tokens and then
to its ``top_p`` nucleus, and renormalised; the log-probability kept for a token is the one under
exactly that distribution. With the defaults (1.0, 0, 1.0) it is the policy itself. A greedy
completion takes the most likely token; its log-probabilities are those of softmax(logits /
temperature), uncut.

Each sequence has uniform numbers of its own, drawn before anything is sampled, and token ``i`` is
the inverse of the cumulative distribution at number ``i``. What a sequence becomes thus depends
neither on the batch size nor on which of its neighbours ended early, rounding of the network itself
apart.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import DynamicCache

from rltf_trainer.errors import TrainerError
from rltf_trainer.policy.loading import Policy

_TAIL_MARGIN = (
    4  # tokens decoded beyond the longest stop string: a first piece may lose its leading space
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How tokens are drawn."""

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    max_new_tokens: int = 256
    batch_size: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """One prompt and how many completions of it are wanted; the greedy one comes last."""

    prompt_ids: tuple[int, ...]
    num_samples: int
    with_greedy: bool = False
    stop_strings: tuple[str, ...] = ()

    @property
    def num_completions(self) -> int:
        """Completions in all."""
        return self.num_samples + self.with_greedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What the policy wrote: ids, their log-probabilities as they were drawn, and their text."""

    token_ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    text: str
    is_greedy: bool
    is_truncated: bool


@dataclass(slots=True)
class _Sequence:
    request: GenerationRequest
    is_greedy: bool
    uniforms: Tensor  # Float64, (max_new_tokens,), on the policy's device
    tail_tokens: int
    token_ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    is_ended: bool = False  # by the policy: end of sequence, or a stop string


def generate(
    policy: Policy,
    requests: Sequence[GenerationRequest],
    sampling: Sampling,
    rng: torch.Generator,
    should_stop: Callable[[], None] = lambda: None,
) -> list[list[Completion]]:
    """Complete every prompt.

    Args:
        policy: Who writes.
        requests: Prompts; at most ``sampling.batch_size`` sequences run at a time, a request is
            never split.
        sampling: How tokens are drawn.
        rng: CPU generator; advances by a number of draws that depends on ``requests`` and
            ``sampling`` alone.
        should_stop: Called before every token; what it raises ends the generation.

    Returns:
        One list a request, in order: its samples, then its greedy completion if asked for.

    Raises:
        TrainerError: The model gave logits that are not finite.
    """
    sequences: list[list[_Sequence]] = []
    for request in requests:
        uniforms = torch.rand(
            (request.num_completions, sampling.max_new_tokens), generator=rng, dtype=torch.float64
        ).to(policy.device)
        tail_tokens = (
            max((len(stop.encode()) for stop in request.stop_strings), default=0) + _TAIL_MARGIN
        )
        sequences.append(
            [
                _Sequence(
                    request=request,
                    is_greedy=index >= request.num_samples,
                    uniforms=uniforms[index],
                    tail_tokens=tail_tokens,
                )
                for index in range(request.num_completions)
            ]
        )
    policy.set_training(False)
    with torch.no_grad(), policy.computing():
        for chunk in _chunks(sequences, sampling.batch_size):
            _complete(policy, chunk, sampling, should_stop)
    return [[_completion(policy, sequence) for sequence in group] for group in sequences]


def _chunks(groups: Sequence[list[_Sequence]], batch_size: int) -> list[list[list[_Sequence]]]:
    chunks: list[list[list[_Sequence]]] = []
    room = 0
    for group in groups:
        if len(group) > room or not chunks:
            chunks.append([])
            room = batch_size
        chunks[-1].append(group)
        room -= len(group)
    return chunks


def _complete(
    policy: Policy,
    groups: Sequence[list[_Sequence]],
    sampling: Sampling,
    should_stop: Callable[[], None],
) -> None:
    """Write all sequences of ``groups`` to their end, reading each prompt once."""
    prompts = [group[0].request.prompt_ids for group in groups]
    longest = max(len(prompt) for prompt in prompts)
    input_ids = torch.full((len(prompts), longest), policy.pad_id, dtype=torch.long)
    attention_mask = torch.zeros((len(prompts), longest), dtype=torch.long)
    for row, prompt in enumerate(
        prompts
    ):  # padded on the left, so that all completions begin in one column
        input_ids[row, longest - len(prompt) :] = torch.tensor(prompt, dtype=torch.long)
        attention_mask[row, longest - len(prompt) :] = 1
    position_ids = (attention_mask.cumsum(dim=1) - 1).clamp(min=0)
    cache = DynamicCache(config=policy.model.config)
    should_stop()
    logits = policy.model(
        input_ids=input_ids.to(policy.device),
        attention_mask=attention_mask.to(policy.device),
        position_ids=position_ids.to(policy.device),
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    ).logits[:, -1]

    active = [sequence for group in groups for sequence in group]
    rows = torch.tensor(
        [row for row, group in enumerate(groups) for _ in group], device=policy.device
    )
    mask, positions, logits = _select_rows(
        rows, cache, attention_mask.to(policy.device), position_ids[:, -1].to(policy.device), logits
    )
    for step in range(sampling.max_new_tokens):
        tokens = _draw(active, logits, sampling, step)
        for sequence, token in zip(active, tokens.tolist(), strict=True):
            sequence.is_ended = sequence.is_ended or _ends(policy, sequence, token)
        running = [index for index, sequence in enumerate(active) if not sequence.is_ended]
        if not running or step == sampling.max_new_tokens - 1:
            return
        if len(running) < len(active):
            keep = torch.tensor(running, device=policy.device)
            active = [active[index] for index in running]
            mask, positions, tokens = _select_rows(keep, cache, mask, positions, tokens)
        should_stop()
        mask = torch.cat([mask, mask.new_ones((len(active), 1))], dim=1)
        positions = positions + 1
        logits = policy.model(
            input_ids=tokens[:, None],
            attention_mask=mask,
            position_ids=positions[:, None],
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]


def _select_rows(rows: Tensor, cache: DynamicCache, *tensors: Tensor) -> tuple[Tensor, ...]:
    cache.batch_select_indices(rows)
    return tuple(tensor[rows] for tensor in tensors)


def _draw(active: Sequence[_Sequence], logits: Tensor, sampling: Sampling, step: int) -> Tensor:
    """Choose a token for each sequence and record it.

    Args:
        active: Sequences still running.
        logits: Float, (sequences, vocabulary).
        sampling: How tokens are drawn.
        step: Which of each sequence's uniform numbers is used.

    Returns:
        Long, (sequences,).
    """
    whole = torch.log_softmax(logits.float() / sampling.temperature, dim=-1)
    cut = cut_distribution(whole, top_k=sampling.top_k, top_p=sampling.top_p)
    uniforms = torch.stack([sequence.uniforms[step] for sequence in active])
    tokens = invert_cumulative(cut, uniforms)
    is_greedy = torch.tensor([sequence.is_greedy for sequence in active], device=logits.device)
    tokens = torch.where(is_greedy, whole.argmax(dim=-1), tokens)
    chosen = torch.where(is_greedy[:, None], whole, cut).gather(1, tokens[:, None])[:, 0]
    if not bool(torch.isfinite(chosen).all()):
        raise TrainerError(
            "the policy's logits are not finite; lower optimizer.lr or use model.dtype = fp32"
        )
    for sequence, token, logprob in zip(active, tokens.tolist(), chosen.tolist(), strict=True):
        sequence.token_ids.append(token)
        sequence.logprobs.append(logprob)
    return tokens


def cut_distribution(logprobs: Tensor, *, top_k: int = 0, top_p: float = 1.0) -> Tensor:
    """Keep the ``top_k`` most likely tokens, of them the fewest that hold ``top_p``; renormalise.

    Args:
        logprobs: Float, (sequences, vocabulary), normalised.
        top_k: Tokens kept; 0: all.
        top_p: Probability kept; 1: all. The token that crosses it is kept.

    Returns:
        Float, (sequences, vocabulary); -inf where cut.
    """
    if 0 < top_k < logprobs.shape[-1]:
        smallest = logprobs.topk(top_k, dim=-1).values[:, -1:]
        logprobs = torch.log_softmax(logprobs.masked_fill(logprobs < smallest, -torch.inf), dim=-1)
    if top_p < 1:
        ordered, order = logprobs.sort(dim=-1, descending=True, stable=True)
        before = ordered.exp().cumsum(dim=-1) - ordered.exp()
        outside = torch.zeros_like(logprobs, dtype=torch.bool).scatter(1, order, before >= top_p)
        logprobs = torch.log_softmax(logprobs.masked_fill(outside, -torch.inf), dim=-1)
    return logprobs


def invert_cumulative(logprobs: Tensor, uniforms: Tensor) -> Tensor:
    """Give the token at which the cumulative distribution passes each uniform number.

    Args:
        logprobs: Float, (sequences, vocabulary).
        uniforms: Float64, (sequences,), in [0, 1).

    Returns:
        Long, (sequences,); never a token of probability 0.
    """
    cumulative = logprobs.exp().cumsum(dim=-1, dtype=torch.float64)
    targets = uniforms * cumulative[:, -1]  # the last entry is 1 but for rounding
    tokens = torch.searchsorted(cumulative, targets[:, None], right=True)[:, 0]
    return tokens.clamp(max=logprobs.shape[-1] - 1)


def _ends(policy: Policy, sequence: _Sequence, token: int) -> bool:
    if token in policy.eos_ids:
        return True
    if not sequence.request.stop_strings:
        return False
    tail = policy.decode(sequence.token_ids[-sequence.tail_tokens :])
    return any(stop in tail for stop in sequence.request.stop_strings)


def _completion(policy: Policy, sequence: _Sequence) -> Completion:
    return Completion(
        token_ids=tuple(sequence.token_ids),
        logprobs=tuple(sequence.logprobs),
        text=policy.decode(sequence.token_ids),
        is_greedy=sequence.is_greedy,
        is_truncated=not sequence.is_ended,
    )
