import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rltf_trainer.errors import TrainerError
from rltf_trainer.policy.generation import (
    GenerationRequest,
    Sampling,
    cut_distribution,
    generate,
    invert_cumulative,
)
from rltf_trainer.policy.loading import Policy
from rltf_trainer.policy.logprobs import TokenSequence, score_completions
from rltf_trainer.seeds import generator_for

PROMPTS = ("# add 2 to x\n```python\n", "# is x equal to 9\n", "x")


def requests(policy: Policy, num_samples: int = 3, **options: object) -> list[GenerationRequest]:
    return [
        GenerationRequest(prompt_ids=policy.encode(text), num_samples=num_samples, **options)
        for text in PROMPTS
    ]


def test_samples_come_first_then_the_greedy_one(policy: Policy):
    groups = generate(
        policy, requests(policy, with_greedy=True), Sampling(max_new_tokens=4), torch.Generator()
    )

    assert [[each.is_greedy for each in group] for group in groups] == [[False] * 3 + [True]] * 3


def test_stored_logprobs_are_those_of_teacher_forcing(policy: Policy):
    sampling = Sampling(max_new_tokens=12, temperature=0.7)
    asked = requests(policy, with_greedy=True)

    groups = generate(policy, asked, sampling, generator_for(0, "test", 0))

    for request, group in zip(asked, groups, strict=True):
        sequences = [
            TokenSequence(prompt_ids=request.prompt_ids, completion_ids=each.token_ids)
            for each in group
        ]
        scores = score_completions(policy, sequences, temperature=0.7)
        for row, each in enumerate(group):
            forced = scores.logprobs[row, : len(each.token_ids)].detach()
            torch.testing.assert_close(forced, torch.tensor(each.logprobs), rtol=0, atol=2e-5)


@pytest.mark.parametrize("batch_size", [1, 4, 5])
def test_batch_size_changes_no_completion(policy: Policy, batch_size: int):
    asked = requests(policy, num_samples=3, with_greedy=True)
    whole = generate(policy, asked, Sampling(max_new_tokens=8), generator_for(0, "test", 1))

    split = generate(
        policy,
        asked,
        Sampling(max_new_tokens=8, batch_size=batch_size),
        generator_for(0, "test", 1),
    )

    ids = [[each.token_ids for each in group] for group in whole]
    assert [[each.token_ids for each in group] for group in split] == ids


def test_padding_changes_no_greedy_completion(policy: Policy):
    sampling = Sampling(max_new_tokens=8)
    asked = requests(policy, num_samples=0, with_greedy=True)

    together = generate(policy, asked, sampling, torch.Generator())
    alone = [generate(policy, [each], sampling, torch.Generator())[0] for each in asked]

    assert [group[0].token_ids for group in together] == [group[0].token_ids for group in alone]


def test_greedy_takes_the_most_likely_token_each_time(policy: Policy):
    request = GenerationRequest(prompt_ids=policy.encode("x"), num_samples=0, with_greedy=True)
    ids = list(request.prompt_ids)
    for _ in range(5):
        with torch.no_grad():
            ids.append(int(policy.model(torch.tensor([ids])).logits[0, -1].argmax()))

    [[completion]] = generate(policy, [request], Sampling(max_new_tokens=5), torch.Generator())

    assert list(completion.token_ids) == ids[1:]
    assert completion.is_truncated


def force(policy: Policy, monkeypatch: pytest.MonkeyPatch, text: str, *, eos: bool = False) -> None:
    """Makes the policy write ``text``, whatever it is asked, and then pad for ever."""
    script = [*policy.encode(text), *(list(policy.eos_ids)[:1] if eos else [])]
    state = {"step": 0}
    forward = policy.model.forward

    def scripted(*args: object, **kwargs: object) -> object:
        output = forward(*args, **kwargs)
        output.logits = torch.full_like(output.logits, -100.0)
        step = state["step"]
        output.logits[..., script[step] if step < len(script) else 5] = 100.0
        state["step"] += 1
        return output

    monkeypatch.setattr(policy.model, "forward", scripted)


def test_stop_string_over_several_tokens_ends_a_completion(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
):
    force(policy, monkeypatch, "def f(x):\n    return x\n``` + 1")
    request = GenerationRequest(
        prompt_ids=policy.encode("x"), num_samples=1, stop_strings=("\n```",)
    )

    [[completion]] = generate(policy, [request], Sampling(max_new_tokens=50), torch.Generator())

    assert completion.text == "def f(x):\n    return x\n```"
    assert not completion.is_truncated


def test_end_of_sequence_token_is_kept(policy: Policy, monkeypatch: pytest.MonkeyPatch):
    force(policy, monkeypatch, "x + 2", eos=True)
    request = GenerationRequest(prompt_ids=policy.encode("x"), num_samples=1)

    [[completion]] = generate(policy, [request], Sampling(max_new_tokens=50), torch.Generator())

    assert completion.token_ids[-1] in policy.eos_ids
    assert completion.text == "x + 2"
    assert not completion.is_truncated


def test_logits_that_are_not_finite_are_a_fault(policy: Policy):
    with torch.no_grad():
        next(policy.model.parameters()).fill_(math.nan)

    with pytest.raises(TrainerError, match="not finite"):
        generate(policy, requests(policy), Sampling(max_new_tokens=2), torch.Generator())


def test_what_should_stop_raises_ends_the_generation(policy: Policy):
    calls = iter(range(3))

    def stop_at_the_third() -> None:
        if next(calls) == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        generate(
            policy,
            requests(policy),
            Sampling(max_new_tokens=50),
            torch.Generator(),
            stop_at_the_third,
        )


def test_samples_follow_the_distribution(policy: Policy):
    prompt_ids = policy.encode("# add 2 to x\n")
    request = GenerationRequest(prompt_ids=prompt_ids, num_samples=4000)
    with torch.no_grad():
        expected = torch.softmax(policy.model(torch.tensor([prompt_ids])).logits[0, -1] / 0.5, -1)

    [group] = generate(
        policy, [request], Sampling(max_new_tokens=1, temperature=0.5), generator_for(3, "test", 0)
    )

    counts = torch.bincount(
        torch.tensor([each.token_ids[0] for each in group]), minlength=len(expected)
    )
    spread = (expected * (1 - expected) / 4000).sqrt()
    assert ((counts / 4000 - expected).abs() < 5 * spread + 1e-3).all()


def test_top_k_keeps_the_most_likely():
    logprobs = torch.tensor([[0.5, 0.3, 0.2]]).log()

    cut = cut_distribution(logprobs, top_k=2)

    torch.testing.assert_close(cut.exp(), torch.tensor([[0.625, 0.375, 0.0]]))


def test_top_p_keeps_the_token_that_crosses_it():
    logprobs = torch.tensor([[0.1, 0.5, 0.4]]).log()

    torch.testing.assert_close(
        cut_distribution(logprobs, top_p=0.6).exp(), torch.tensor([[0.0, 5 / 9, 4 / 9]])
    )
    torch.testing.assert_close(
        cut_distribution(logprobs, top_p=0.3).exp(), torch.tensor([[0.0, 1.0, 0.0]])
    )


def test_uniform_numbers_meet_their_tokens():
    logprobs = torch.tensor([0.25, 0.0, 0.5, 0.25]).log().repeat(5, 1)
    uniforms = torch.tensor([0.0, 0.2499, 0.25, 0.7499, 0.9999], dtype=torch.float64)

    assert invert_cumulative(logprobs, uniforms).tolist() == [0, 0, 2, 2, 3]


@given(
    weights=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=8).filter(
        lambda weights: sum(weights) > 0.01
    ),
    uniform=st.floats(0, 1, exclude_max=True),
)
def test_no_token_without_probability_is_drawn(weights: list[float], uniform: float):
    probabilities = torch.tensor([weights], dtype=torch.float32)
    probabilities = probabilities / probabilities.sum()

    token = int(invert_cumulative(probabilities.log(), torch.tensor([uniform]).double())[0])

    assert probabilities[0, token] > 0
