import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from rltf_trainer.advantages import Baseline, sequence_advantages, token_advantages

NAN = math.nan
SCORED = torch.tensor([[True, True, True, True]])


def advantages_of(rewards: list[float], baseline: Baseline, **options: object) -> Tensor:
    """Advantages of one group; a reward that is NaN is not scored."""
    row = torch.tensor([rewards], dtype=torch.float64)
    return sequence_advantages(row, ~row.isnan(), baseline=baseline, **options)[0]


def assert_advantages(actual: Tensor, expected: list[float]) -> None:
    torch.testing.assert_close(actual, torch.tensor(expected, dtype=actual.dtype))


def test_relative_return_is_the_reward_minus_the_greedy_one_s():
    rewards = torch.tensor([[1.0, -0.3], [-0.6, -1.0]])

    advantages = sequence_advantages(
        rewards,
        torch.ones(2, 2, dtype=torch.bool),
        baseline=Baseline.GREEDY,
        greedy_rewards=torch.tensor([-0.3, -1.0]),
    )

    torch.testing.assert_close(advantages, torch.tensor([[1.3, 0.0], [0.4, 0.0]]))


def test_a_group_without_a_scored_greedy_completion_learns_nothing():
    advantages = sequence_advantages(
        torch.tensor([[1.0, -0.3], [1.0, -0.3]]),
        torch.ones(2, 2, dtype=torch.bool),
        baseline=Baseline.GREEDY,
        greedy_rewards=torch.tensor([NAN, -0.3]),
        greedy_mask=torch.tensor([False, True]),
    )

    torch.testing.assert_close(advantages, torch.tensor([[0.0, 0.0], [1.3, 0.0]]))


def test_group_mean_centres_the_rewards():
    # mean (1 + 0 + 0.5 + 0.5) / 4 = 0.5
    actual = advantages_of([1.0, 0.0, 0.5, 0.5], Baseline.GROUP_MEAN)

    assert_advantages(actual, [0.5, -0.5, 0.0, 0.0])


def test_leave_one_out_compares_with_the_others():
    # 1 - (0 + 0.5) / 2, 0 - (1 + 0.5) / 2, 0.5 - (1 + 0) / 2
    actual = advantages_of([1.0, 0.0, 0.5], Baseline.LEAVE_ONE_OUT)

    assert_advantages(actual, [0.75, -0.75, 0.0])


def test_no_baseline_leaves_the_rewards():
    assert_advantages(advantages_of([1.0, -0.3, NAN], Baseline.NONE), [1.0, -0.3, 0.0])


@pytest.mark.parametrize(
    ("baseline", "expected"),
    [
        (Baseline.GROUP_MEAN, [0.5, -0.5, 0.0, 0.0]),
        (Baseline.LEAVE_ONE_OUT, [0.75, -0.75, 0.0, 0.0]),
    ],
)
def test_an_unscored_rollout_does_not_move_its_group(baseline: Baseline, expected: list[float]):
    assert_advantages(advantages_of([1.0, 0.0, 0.5, NAN], baseline), expected)


@pytest.mark.parametrize(
    ("baseline", "expected"),
    [
        # the votes are 1, 0 and 0.5; the truncated -1 is compared with their mean, 0.5
        (Baseline.GROUP_MEAN, [0.5, -0.5, 0.0, -1.5]),
        (Baseline.LEAVE_ONE_OUT, [0.75, -0.75, 0.0, -1.5]),
        (Baseline.NONE, [1.0, 0.0, 0.5, -1.0]),
    ],
)
def test_a_truncated_rollout_has_no_vote(baseline: Baseline, expected: list[float]):
    truncated = torch.tensor([[False, False, False, True]])

    actual = advantages_of([1.0, 0.0, 0.5, -1.0], baseline, truncated_mask=truncated)

    assert_advantages(actual, expected)


@pytest.mark.parametrize("baseline", [Baseline.GROUP_MEAN, Baseline.LEAVE_ONE_OUT])
@pytest.mark.parametrize("normalize_std", [False, True])
def test_a_single_scored_rollout_has_nothing_to_be_compared_with(
    baseline: Baseline, normalize_std: bool
):
    actual = advantages_of([NAN, 1.0, NAN], baseline, normalize_std=normalize_std)

    assert_advantages(actual, [0.0, 0.0, 0.0])


@pytest.mark.parametrize("baseline", [Baseline.GROUP_MEAN, Baseline.LEAVE_ONE_OUT])
def test_a_group_whose_rollouts_are_all_truncated_learns_nothing(baseline: Baseline):
    truncated = torch.ones(1, 2, dtype=torch.bool)

    actual = advantages_of([1.0, -1.0], baseline, truncated_mask=truncated)

    assert_advantages(actual, [0.0, 0.0])


def test_normalisation_divides_by_the_spread_of_the_votes():
    # votes 1, 0 and 0.5: deviations 0.5, -0.5, 0; variance 0.5 / 2, standard deviation 0.5
    truncated = torch.tensor([[False, False, False, True]])

    actual = advantages_of(
        [1.0, 0.0, 0.5, -1.0],
        Baseline.GROUP_MEAN,
        truncated_mask=truncated,
        normalize_std=True,
    )

    assert_advantages(actual, [1.0, -1.0, 0.0, -3.0])


def test_rewards_that_are_all_equal_are_not_magnified():
    truncated = torch.tensor([[False, False, False, True]])

    actual = advantages_of(
        [0.1, 0.1, 0.1, -1.0], Baseline.GROUP_MEAN, truncated_mask=truncated, normalize_std=True
    )

    assert_advantages(actual, [0.0, 0.0, 0.0, -1.1])


def test_rows_do_not_mix():
    rewards = torch.tensor([[1.0, 0.0], [-1.0, -1.0]])

    advantages = sequence_advantages(
        rewards, torch.ones(2, 2, dtype=torch.bool), baseline=Baseline.GROUP_MEAN
    )

    torch.testing.assert_close(advantages, torch.tensor([[0.5, -0.5], [0.0, 0.0]]))


rewards_or_nan = st.lists(
    st.sampled_from([-1.0, -0.6, -0.3, 0.025, 1.0, NAN]), min_size=1, max_size=8
)


@given(rewards_or_nan, st.booleans())
def test_centred_advantages_of_a_group_add_up_to_nothing(rewards: list[float], normalize_std: bool):
    for baseline in (Baseline.GROUP_MEAN, Baseline.LEAVE_ONE_OUT):
        actual = advantages_of(rewards, baseline, normalize_std=normalize_std)
        assert actual.isfinite().all()
        assert abs(float(actual.sum())) < 1e-9


@given(rewards_or_nan)
def test_leave_one_out_is_the_group_mean_scaled(rewards: list[float]):
    num_scored = sum(not math.isnan(reward) for reward in rewards)
    scale = num_scored / (num_scored - 1) if num_scored > 1 else 0.0

    torch.testing.assert_close(
        advantages_of(rewards, Baseline.LEAVE_ONE_OUT),
        scale * advantages_of(rewards, Baseline.GROUP_MEAN),
    )


def test_token_credit_is_added_to_a_normalised_advantage_in_full():
    credit = torch.tensor([[0.0, -0.6, 0.0], [0.0, 0.0, 0.0]])
    mask = torch.tensor([[True, True, True], [True, True, False]])

    tokens = token_advantages(torch.tensor([-1.0, 1.0]), credit, mask)

    torch.testing.assert_close(tokens, torch.tensor([[-1.0, -1.6, -1.0], [1.0, 1.0, 0.0]]))


def test_credit_outside_the_completion_does_not_count():
    tokens = token_advantages(
        torch.tensor([0.5]), torch.tensor([[0.0, NAN]]), torch.tensor([[True, False]])
    )

    assert tokens.tolist() == [[0.5, 0.0]]


@pytest.mark.parametrize("greedy_rewards", [None, torch.zeros(2)])
def test_the_greedy_baseline_needs_one_reward_a_group(greedy_rewards: Tensor | None):
    with pytest.raises(ValueError, match="greedy_rewards"):
        advantages_of([1.0], Baseline.GREEDY, greedy_rewards=greedy_rewards)


def test_a_scored_reward_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="not finite"):
        sequence_advantages(
            torch.tensor([[1.0, NAN]]),
            torch.ones(1, 2, dtype=torch.bool),
            baseline=Baseline.GROUP_MEAN,
        )


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="shapes differ"):
        sequence_advantages(torch.zeros(1, 3), SCORED, baseline=Baseline.NONE)
    with pytest.raises(ValueError, match="shapes differ"):
        token_advantages(torch.zeros(2), torch.zeros(1, 3), torch.ones(1, 3, dtype=torch.bool))
