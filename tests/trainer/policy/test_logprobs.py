import random
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from transformers import Gemma2Config, Gemma2ForCausalLM

from rltf_trainer.options import LoraConfig, ModelConfig
from rltf_trainer.policy import logprobs
from rltf_trainer.policy.loading import Policy, load_policy
from rltf_trainer.policy.logprobs import TokenSequence, plan_micro_batches, score_completions


def random_sequences(vocabulary: int) -> list[TokenSequence]:
    rng = random.Random(0)

    def ids(length: int) -> tuple[int, ...]:
        return tuple(rng.randrange(3, vocabulary) for _ in range(length))

    prompts = [ids(11), ids(1), ids(4)]
    return [
        TokenSequence(prompt_ids=prompt, completion_ids=ids(length))
        for prompt in prompts
        for length in (1, 5, 9)
    ]


def plain_logprobs(policy: Policy, sequence: TokenSequence, temperature: float = 1.0) -> Tensor:
    """One sequence, no padding, no cache, all logits: the definition."""
    ids = torch.tensor([sequence.prompt_ids + sequence.completion_ids])
    logits = policy.model(input_ids=ids, use_cache=False).logits[0] / temperature
    predicted = torch.log_softmax(logits, dim=-1)[len(sequence.prompt_ids) - 1 : -1]
    return predicted.gather(1, ids[0, len(sequence.prompt_ids) :, None])[:, 0]


def gradients(policy: Policy) -> list[Tensor]:
    found = [each.grad.clone() for each in policy.trainable_parameters() if each.grad is not None]
    policy.model.zero_grad(set_to_none=True)
    return found


@pytest.mark.parametrize("rank", [0, 4])
@pytest.mark.parametrize("chunk", [1 << 25, 1000])
def test_logprobs_and_gradients_are_those_of_the_definition(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, rank: int, chunk: int
):
    monkeypatch.setattr(logprobs, "MAX_LOGITS", chunk)
    policy = load_policy(ModelConfig(path=str(tiny_model)), LoraConfig(rank=rank))
    sequences = random_sequences(150)
    weights = [torch.randn(len(each.completion_ids)) for each in sequences]
    expected = [plain_logprobs(policy, each, 0.8) for each in sequences]
    torch.stack([(w * e).sum() for w, e in zip(weights, expected, strict=True)]).sum().backward()
    expected_gradients = gradients(policy)

    scores = score_completions(policy, sequences, temperature=0.8)

    loss = torch.zeros(())
    for row, (weight, wanted) in enumerate(zip(weights, expected, strict=True)):
        got = scores.logprobs[row, : len(wanted)]
        torch.testing.assert_close(got, wanted, rtol=1e-4, atol=1e-5)
        loss = loss + (weight * got).sum()
    loss.backward()
    for got, wanted in zip(gradients(policy), expected_gradients, strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-3, atol=1e-5)


def test_entropy_is_that_of_the_whole_distribution(policy: Policy):
    sequence = random_sequences(150)[1]
    ids = torch.tensor([sequence.prompt_ids + sequence.completion_ids])
    with torch.no_grad():
        logits = policy.model(ids).logits[0, len(sequence.prompt_ids) - 1 : -1]
    expected = torch.distributions.Categorical(logits=logits).entropy()

    scores = score_completions(policy, [sequence])

    torch.testing.assert_close(scores.entropies[0], expected, rtol=1e-4, atol=1e-5)


def test_nothing_stands_outside_the_completions(policy: Policy):
    sequences = random_sequences(150)[:3]  # 1, 5 and 9 tokens

    scores = score_completions(policy, sequences)

    assert scores.completion_mask.sum(dim=1).tolist() == [1, 5, 9]
    assert scores.logprobs[~scores.completion_mask].abs().sum() == 0
    assert scores.entropies[~scores.completion_mask].abs().sum() == 0


def test_a_model_that_bends_its_logits_is_scored_as_it_is(tmp_path: Path, tiny_model: Path):
    torch.manual_seed(0)
    model = Gemma2ForCausalLM(
        Gemma2Config(
            vocab_size=176,
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=16,
            final_logit_softcapping=0.5,
            sliding_window=4,
        )
    )
    model.save_pretrained(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((tiny_model / name).read_bytes())
    policy = load_policy(ModelConfig(path=str(tmp_path)))
    assert not policy.has_linear_head
    sequences = random_sequences(150)

    scores = score_completions(policy, sequences)

    for row, sequence in enumerate(sequences):
        expected = plain_logprobs(policy, sequence)
        torch.testing.assert_close(
            scores.logprobs[row, : len(expected)], expected, rtol=1e-4, atol=1e-5
        )


@given(
    lengths=st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=12
    ),
    max_tokens=st.integers(1, 60),
)
def test_micro_batches_hold_every_sequence_once_within_the_bound(
    lengths: list[tuple[int, int, int]], max_tokens: int
):
    sequences = [
        TokenSequence(prompt_ids=(which,) * prompt, completion_ids=(1,) * completion)
        for which, prompt, completion in lengths
    ]

    batches = plan_micro_batches(sequences, max_tokens)

    assert sorted(index for batch in batches for index in batch) == list(range(len(sequences)))
    for batch in batches:
        prompts = {sequences[index].prompt_ids for index in batch}
        padded = len(prompts) * max(map(len, prompts))
        padded += len(batch) * max(len(sequences[index].completion_ids) for index in batch)
        assert len(batch) == 1 or padded <= max_tokens
