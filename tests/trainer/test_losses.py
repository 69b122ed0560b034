import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rltf_trainer.credit import fine_penalties
from rltf_trainer.losses import (
    DEFAULTS,
    Algorithm,
    BatchTotals,
    LossConfig,
    LossOutput,
    Reduction,
    policy_loss,
    supervised_loss,
)

HALF = math.log(0.5)
LN2 = math.log(2.0)
FIXED = LossConfig(fixed_length=4)
SCORE = (Algorithm.RLTF, Algorithm.REINFORCE, Algorithm.RLOO)
CLIPPED = (Algorithm.GRPO, Algorithm.DR_GRPO, Algorithm.DAPO, Algorithm.GSPO, Algorithm.PPO_CLIP)


class Batch:
    """Rollouts sampled with probability 1/2 a token; the policy's is ``ratios`` times that.

    Rows may differ in length; what is missing is masked out.
    """

    def __init__(self, ratios: list[list[float]], advantages: list[list[float]]) -> None:
        width = max(map(len, ratios))
        self.mask = torch.tensor([[i < len(row) for i in range(width)] for row in ratios])
        padded = torch.tensor(
            [row + [1.0] * (width - len(row)) for row in ratios], dtype=torch.float64
        )
        self.policy = (padded.log() + HALF).requires_grad_()
        self.rollout = torch.full_like(padded, HALF)
        self.advantages = torch.tensor(
            [row + [9.0] * (width - len(row)) for row in advantages], dtype=torch.float64
        )

    def loss(
        self, algorithm: Algorithm, config: LossConfig = FIXED, **options: object
    ) -> LossOutput:
        return policy_loss(
            algorithm,
            self.policy,
            self.rollout,
            self.advantages,
            self.mask,
            config,
            **options,
        )

    def gradient(
        self, algorithm: Algorithm, config: LossConfig = FIXED, **options: object
    ) -> list[list[float]]:
        loss = self.loss(algorithm, config, **options).loss
        (gradient,) = torch.autograd.grad(loss, self.policy)
        return gradient.tolist()


def close(actual: Tensor | list[list[float]], expected: object) -> None:
    torch.testing.assert_close(
        torch.as_tensor(actual, dtype=torch.float64), torch.tensor(expected, dtype=torch.float64)
    )


def test_rltf_is_the_mean_of_advantage_times_log_probability():
    batch = Batch([[1.0, 1.0], [1.0]], [[1.0, -0.5], [2.0]])

    # rows: mean of -1 ln.5 and 0.5 ln.5 = -0.25 ln.5; -2 ln.5; mean of both: -1.125 ln.5
    close(batch.loss(Algorithm.RLTF).loss, 1.125 * LN2)
    # d/dlogp = -A / tokens of the row / rows
    close(batch.gradient(Algorithm.RLTF), [[-0.25, 0.125], [-1.0, 0.0]])


@pytest.mark.parametrize("algorithm", [Algorithm.REINFORCE, Algorithm.RLOO])
def test_reinforce_scores_a_completion_by_the_sum_of_its_tokens(algorithm: Algorithm):
    batch = Batch([[1.0, 1.0], [1.0]], [[1.0, 1.0], [2.0]])

    # log p of the rows: 2 ln.5 and ln.5; mean of -1 * 2 ln.5 and -2 ln.5
    close(batch.loss(algorithm).loss, 2 * LN2)
    close(batch.gradient(algorithm), [[-0.5, -0.5], [-1.0, 0.0]])


@pytest.mark.parametrize("algorithm", SCORE)
def test_the_score_algorithms_do_not_weigh_stale_tokens_unless_asked(algorithm: Algorithm):
    batch = Batch([[3.0, 0.5]], [[1.0, 1.0]])
    plain = Batch([[3.0, 0.5]], [[1.0, 1.0]]).gradient(algorithm)
    scale = plain[0][0]

    capped = batch.gradient(algorithm, LossConfig(importance_cap=2.0))

    close(plain, [[scale, scale]])
    close(capped, [[2.0 * scale, 0.5 * scale]])  # min(3, 2) and min(0.5, 2)


def test_grpo_takes_the_worse_of_the_clipped_and_the_plain_ratio():
    gains = Batch([[1.5, 0.5]], [[1.0, 1.0]])
    losses = Batch([[1.5, 0.5]], [[-1.0, -1.0]])

    # A = 1: min(1.5, 1.2) and min(0.5, 0.8); A = -1: min(-1.5, -1.2) and min(-0.5, -0.8)
    close(gains.loss(Algorithm.GRPO).loss, -(1.2 + 0.5) / 2)
    close(losses.loss(Algorithm.GRPO).loss, (1.5 + 0.8) / 2)
    # only where the plain ratio is taken is there a gradient, -ratio A / 2
    close(gains.gradient(Algorithm.GRPO), [[0.0, -0.25]])
    close(losses.gradient(Algorithm.GRPO), [[0.75, 0.0]])


def test_grpo_weighs_completions_equally_and_dapo_tokens():
    batch = Batch([[1.0, 1.0, 1.0], [1.0]], [[1.0] * 3, [-1.0]])

    close(batch.loss(Algorithm.GRPO).loss, 0.0)  # (-1 + 1) / 2
    close(batch.loss(Algorithm.DAPO).loss, -0.5)  # (-3 + 1) / 4


def test_dr_grpo_divides_by_a_length_that_no_completion_changes():
    batch = Batch([[1.0, 1.0, 1.0], [1.0]], [[1.0] * 3, [-1.0]])

    close(batch.loss(Algorithm.DR_GRPO).loss, -0.25)  # (-3 / 4 + 1 / 4) / 2
    close(batch.gradient(Algorithm.DR_GRPO), [[-0.125] * 3, [0.125, 0.0, 0.0]])


def test_dapo_lets_a_ratio_rise_further_than_it_lets_it_fall():
    batch = Batch([[1.25, 1.5, 0.75]], [[1.0, 1.0, -1.0]])

    # min(1.25, 1.25), min(1.5, 1.28), min(-0.75, -0.8)
    close(batch.loss(Algorithm.DAPO).loss, -(1.25 + 1.28 - 0.8) / 3)
    close(batch.gradient(Algorithm.DAPO), [[-1.25 / 3, 0.0, 0.0]])


def test_gspo_clips_a_completion_as_a_whole():
    # mean ratios: sqrt(2 * 0.5) = 1 and sqrt(1.21) = 1.1
    batch = Batch([[2.0, 0.5], [1.1, 1.1]], [[1.0, 1.0], [1.0, 1.0]])

    close(batch.loss(Algorithm.GSPO).loss, -(1.0 + 1.0004) / 2)
    # row 1: -s A / 2 tokens / 2 rows for both tokens, however far they are from 1; row 2 is clipped
    close(batch.gradient(Algorithm.GSPO), [[-0.25, -0.25], [0.0, 0.0]])


def test_gspo_with_one_advantage_a_completion_is_the_sequence_level_objective():
    batch = Batch([[1.3, 0.9, 1.2], [0.7, 0.8]], [[0.5] * 3, [-2.0] * 2])
    config = LossConfig(clip_low=0.2, clip_high=0.4)

    num_tokens = batch.mask.sum(dim=1)
    log_ratio = (batch.policy - batch.rollout).where(batch.mask, 0.0).sum(dim=1) / num_tokens
    ratio = log_ratio.exp()
    advantage = torch.tensor([0.5, -2.0], dtype=torch.float64)
    objective = torch.minimum(ratio * advantage, ratio.clamp(0.8, 1.4) * advantage).mean()
    (expected,) = torch.autograd.grad(-objective, batch.policy)

    close(batch.loss(Algorithm.GSPO, config).loss, -float(objective.detach()))
    close(batch.gradient(Algorithm.GSPO, config), expected.tolist())


def test_cispo_bounds_the_weight_of_a_token_and_still_learns_from_it():
    batch = Batch([[10.0, 0.1, 1.0]], [[1.0, 1.0, -1.0]])

    # weights min(10, 1 + 4), 0.1 and 1; -weight A log p, with p = 5, 0.05 and 0.5
    expected = -(5 * math.log(5.0) + 0.1 * math.log(0.05) - math.log(0.5)) / 3
    close(batch.loss(Algorithm.CISPO).loss, expected)
    close(batch.gradient(Algorithm.CISPO), [[-5 / 3, -0.1 / 3, 1 / 3]])


def test_cispo_can_bound_weights_from_below_too():
    batch = Batch([[0.1]], [[1.0]])

    close(batch.gradient(Algorithm.CISPO, LossConfig(clip_low=0.5)), [[-0.5]])


def test_ppo_clip_averages_over_tokens():
    batch = Batch([[1.5, 1.0], [0.5]], [[1.0, 1.0], [-1.0]])

    # min(1.5, 1.2), 1 and min(-0.5, -0.8) over three tokens
    close(batch.loss(Algorithm.PPO_CLIP).loss, -(1.2 + 1.0 - 0.8) / 3)
    close(batch.gradient(Algorithm.PPO_CLIP), [[0.0, -1 / 3], [0.0, 0.0]])


def test_dual_clip_bounds_what_a_bad_token_costs():
    batch = Batch([[10.0, 2.0]], [[-1.0, -1.0]])
    config = LossConfig(dual_clip=3.0)

    close(batch.loss(Algorithm.PPO_CLIP, config).loss, (3.0 + 2.0) / 2)  # not 10
    close(batch.gradient(Algorithm.PPO_CLIP, config), [[0.0, 1.0]])


def test_clip_ranges_can_be_set():
    batch = Batch([[1.5, 0.5]], [[1.0, -1.0]])
    config = LossConfig(clip_low=0.4, clip_high=0.1)

    close(batch.loss(Algorithm.GRPO, config).loss, -(1.1 - 0.6) / 2)


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        (Reduction.SEQUENCE_MEAN, -(2.0 + 3.0) / 2),  # mean of (1 + 3) / 2 and 3
        (Reduction.SEQUENCE_SUM, -(4.0 + 3.0) / 2),
        (Reduction.TOKEN_MEAN, -7.0 / 3),
        (Reduction.FIXED_LENGTH, -(4.0 + 3.0) / 4 / 2),
    ],
)
def test_every_reduction_by_hand(reduction: Reduction, expected: float):
    batch = Batch([[1.0, 1.0], [1.0]], [[1.0, 3.0], [3.0]])
    config = LossConfig(reduction=reduction, fixed_length=4)

    close(batch.loss(Algorithm.GRPO, config).loss, expected)


def test_kl_to_the_reference_is_added_per_token():
    batch = Batch([[1.0, 1.0]], [[0.0, 0.0]])
    # log reference - log policy = ln 2 and 0: k3 = 2 - ln 2 - 1 and 0
    reference = batch.policy.detach() + torch.tensor([[LN2, 0.0]])

    output = batch.loss(Algorithm.GRPO, LossConfig(kl_coefficient=0.1), ref_logprobs=reference)
    (gradient,) = torch.autograd.grad(output.loss, batch.policy)

    close(output.loss, 0.1 * (1 - LN2) / 2)
    close(output.stats["policy/kl_reference"], (1 - LN2) / 2)
    close(gradient, [[0.1 * (1 - 2.0) / 2, 0.0]])  # d k3 / d log p = 1 - exp(ln 2)


def test_the_reference_is_only_watched_while_its_coefficient_is_0():
    batch = Batch([[1.0]], [[1.0]])

    output = batch.loss(Algorithm.RLTF, ref_logprobs=batch.policy.detach() + LN2)

    close(output.loss, LN2)
    close(output.stats["policy/kl_reference"], 1 - LN2)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_on_policy_every_algorithm_has_the_policy_gradient(algorithm: Algorithm):
    batch = Batch([[1.0, 1.0], [1.0]], [[1.0, -0.5], [2.0]])
    config = LossConfig(reduction=Reduction.TOKEN_MEAN)

    close(batch.gradient(algorithm, config), [[-1 / 3, 0.5 / 3], [-2 / 3, 0.0]])


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_good_token_becomes_likelier_and_a_bad_one_less_likely(algorithm: Algorithm):
    batch = Batch([[1.0001, 0.9999]], [[0.7, -0.7]])

    ((good, bad),) = batch.gradient(algorithm)

    assert good < 0 < bad  # the optimizer goes against the gradient


@pytest.mark.parametrize("algorithm", [*SCORE, *CLIPPED])
def test_gradients_are_those_of_finite_differences(algorithm: Algorithm):
    batch = Batch([[1.1, 0.7, 1.6], [0.9, 1.4]], [[1.0, -0.5, 0.3], [-2.0, 0.8]])
    config = LossConfig(fixed_length=4, kl_coefficient=0.3, clip_low=0.25, clip_high=0.3)
    if algorithm is Algorithm.GSPO:  # its tokens share their value: the gradient is by construction
        batch.advantages = torch.tensor([[1.0] * 3, [-2.0] * 3], dtype=torch.float64)
    reference = batch.rollout + 0.1
    gradient = batch.gradient(algorithm, config, ref_logprobs=reference)

    step = 1e-6
    for row, column in batch.mask.nonzero().tolist():
        losses: list[float] = []
        for sign in (1, -1):
            moved = batch.policy.detach().clone()
            moved[row, column] += sign * step
            output = policy_loss(
                algorithm,
                moved,
                batch.rollout,
                batch.advantages,
                batch.mask,
                config,
                ref_logprobs=reference,
            )
            losses.append(float(output.loss))
        difference = (losses[0] - losses[1]) / (2 * step)
        assert math.isclose(gradient[row][column], difference, rel_tol=1e-5, abs_tol=1e-8)


@pytest.mark.parametrize("algorithm", list(Algorithm))
@pytest.mark.parametrize("poison", [math.nan, math.inf, -math.inf])
def test_masked_tokens_add_exactly_nothing(algorithm: Algorithm, poison: float):
    compact = Batch([[1.1, 0.7], [1.4, 0.9]], [[1.0, -0.5], [2.0, 0.3]])
    config = LossConfig(fixed_length=4, kl_coefficient=0.1)
    expected = compact.loss(algorithm, config, ref_logprobs=compact.rollout)
    wide = torch.full((2, 5), poison, dtype=torch.float64)
    kept = torch.tensor([1, 3])
    mask = torch.zeros(2, 5, dtype=torch.bool)
    mask[:, kept] = True
    policy = wide.clone()
    policy[:, kept] = compact.policy.detach()
    policy.requires_grad_()
    rollout, advantages = wide.clone(), wide.clone()
    rollout[:, kept] = compact.rollout
    advantages[:, kept] = compact.advantages

    output = policy_loss(algorithm, policy, rollout, advantages, mask, config, ref_logprobs=rollout)
    (gradient,) = torch.autograd.grad(output.loss, policy)

    torch.testing.assert_close(output.loss, expected.loss)
    assert (gradient[~mask] == 0).all()
    assert gradient[mask].isfinite().all()
    assert {name: value.isfinite().item() for name, value in output.stats.items()} == dict.fromkeys(
        expected.stats, True
    )


@pytest.mark.parametrize("algorithm", list(Algorithm))
@pytest.mark.parametrize("gap", [1e4, -1e4, 100.0, -100.0])
@pytest.mark.parametrize("advantage", [1.0, -1.0, 0.0])
def test_extreme_gaps_stay_finite(algorithm: Algorithm, gap: float, advantage: float):
    policy = torch.full((1, 2), -1.0 + min(gap, 0.0), requires_grad=True)
    rollout = torch.full((1, 2), -1.0 - max(gap, 0.0))
    config = LossConfig(fixed_length=4, kl_coefficient=0.1)

    output = policy_loss(
        algorithm,
        policy,
        rollout,
        torch.full((1, 2), advantage),
        torch.ones(1, 2, dtype=torch.bool),
        config,
        ref_logprobs=rollout,
    )
    (gradient,) = torch.autograd.grad(output.loss, policy)

    assert output.loss.isfinite()
    assert gradient.isfinite().all()
    assert all(value.isfinite() for value in output.stats.values())


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_batch_without_tokens_has_no_loss(algorithm: Algorithm):
    policy = torch.full((2, 3), math.nan, requires_grad=True)
    empty = torch.zeros(2, 3, dtype=torch.bool)

    output = policy_loss(algorithm, policy, policy.detach(), policy.detach(), empty, FIXED)
    (gradient,) = torch.autograd.grad(output.loss, policy)

    assert output.loss.item() == 0.0
    assert (gradient == 0).all()


@settings(max_examples=20)
@given(st.lists(st.lists(st.floats(0.5, 2.0), max_size=4), min_size=2, max_size=5), st.data())
def test_losses_of_the_parts_add_up_to_the_loss_of_the_batch(
    ratios: list[list[float]], data: st.DataObject
):
    ratios = [[1.0], *ratios]
    whole = Batch(ratios, [[0.5 - i for i in range(len(row))] for row in ratios])
    totals = BatchTotals.of(whole.mask)
    cut = data.draw(st.integers(1, len(ratios) - 1))
    for algorithm in Algorithm:
        parts = [
            policy_loss(
                algorithm,
                whole.policy[rows],
                whole.rollout[rows],
                whole.advantages[rows],
                whole.mask[rows],
                FIXED,
                totals=totals,
            ).loss
            for rows in (slice(0, cut), slice(cut, None))
        ]
        torch.testing.assert_close(sum(parts), whole.loss(algorithm).loss)


def test_a_row_without_tokens_is_no_sequence():
    assert BatchTotals.of(torch.tensor([[True, False], [False, False]])) == BatchTotals(
        num_sequences=1, num_tokens=1
    )
    batch = Batch([[1.0], []], [[1.0], []])

    close(batch.loss(Algorithm.GRPO).loss, -1.0)


def test_the_line_penalty_weighs_the_same_however_long_the_program():
    for num_tokens in (4, 40):
        mask = [i == 1 for i in range(num_tokens)]
        batch = Batch([[1.0] * num_tokens], [fine_penalties(mask)])

        # alpha * -0.3 * -ln .5 over num_tokens, with alpha = num_tokens / 1
        close(batch.loss(Algorithm.RLTF).loss, -0.3 * LN2)
        close(batch.gradient(Algorithm.RLTF), [[0.3 if faulty else 0.0 for faulty in mask]])


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_every_algorithm_takes_the_line_penalty(algorithm: Algorithm):
    batch = Batch([[1.0, 1.0, 1.0]], [[0.5, 0.5 - 0.9, 0.5]])

    ((before, at_fault, after),) = batch.gradient(algorithm)

    assert before < 0 < at_fault
    assert before == after


def test_stats_tell_how_far_the_policy_has_moved():
    batch = Batch([[1.5, 0.5], [1.0]], [[1.0, 1.0], [1.0]])

    stats = batch.loss(Algorithm.GRPO).stats

    close(stats["policy/ratio_mean"], 1.0)
    close(stats["policy/ratio_max"], 1.5)
    close(stats["policy/clip_low_fraction"], 1 / 3)
    close(stats["policy/clip_high_fraction"], 1 / 3)
    # k3 of each token: ratio - ln ratio - 1
    close(stats["policy/kl_rollout"], (0.5 - math.log(1.5) - 0.5 - math.log(0.5)) / 3)
    assert not any(value.requires_grad for value in stats.values())


def test_half_precision_is_computed_in_single():
    policy = torch.tensor([[-0.5]], dtype=torch.bfloat16, requires_grad=True)

    output = policy_loss(
        Algorithm.RLTF, policy, policy.detach(), torch.ones(1, 1), torch.tensor([[True]])
    )

    assert output.loss.dtype == torch.float32


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [(Reduction.TOKEN_MEAN, 2.0), (Reduction.SEQUENCE_MEAN, 2.25), (Reduction.SEQUENCE_SUM, 3.0)],
)
def test_supervised_loss_is_the_cross_entropy_of_the_reference(
    reduction: Reduction, expected: float
):
    logprobs = torch.tensor([[-1.0, -2.0, math.nan], [-3.0, -math.inf, -9.0]], requires_grad=True)
    mask = torch.tensor([[True, True, False], [True, False, False]])

    loss = supervised_loss(logprobs, mask, reduction=reduction)
    (gradient,) = torch.autograd.grad(loss, logprobs)

    assert loss.item() == expected
    assert (gradient[~mask] == 0).all()
    assert (gradient[mask] < 0).all()


def test_no_reference_means_no_supervised_loss():
    logprobs = torch.zeros(1, 2, requires_grad=True)

    assert supervised_loss(logprobs, torch.zeros(1, 2, dtype=torch.bool)).item() == 0.0


def test_every_algorithm_has_defaults():
    assert set(DEFAULTS) == set(Algorithm)


ONE = torch.zeros(1, 2)
ALL = torch.ones(1, 2, dtype=torch.bool)


@pytest.mark.parametrize(
    ("arguments", "config", "message"),
    [
        ((ONE, torch.zeros(1, 3), ONE, ALL), None, "rollout_logprobs"),
        ((ONE, ONE, torch.zeros(1), ALL), None, "token_advantages"),
        ((ONE, ONE, ONE, ALL[:, :1]), None, "completion_mask"),
        ((ONE, ONE, ONE, ONE), None, "not torch.bool"),
        ((ONE[0], ONE[0], ONE[0], ALL[0]), None, "policy_logprobs"),
        ((ONE, ONE, ONE, ALL), LossConfig(kl_coefficient=0.1), "ref_logprobs"),
        ((ONE, ONE, ONE, ALL), LossConfig(dual_clip=0.5), "dual_clip"),
        ((ONE, ONE, ONE, ALL), LossConfig(reduction=Reduction.FIXED_LENGTH), "fixed_length"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_by_name(
    arguments: tuple[Tensor, Tensor, Tensor, Tensor], config: LossConfig | None, message: str
):
    with pytest.raises(ValueError, match=message):
        policy_loss(Algorithm.GRPO, *arguments, config)


def test_supervised_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="shapes differ"):
        supervised_loss(ONE, ALL[:, :1])
