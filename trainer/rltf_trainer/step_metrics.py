"""The numbers of one training step, by the slash names that the recorder writes."""

from collections import Counter
from collections.abc import Sequence

from rltf_executor.schema import Verdict
from rltf_trainer.rollouts import Rollout
from rltf_trainer.sampling import SampledBatch
from rltf_trainer.scoring import ScoredBatch

Metrics = dict[str, float | int]


def batch_metrics(batch: SampledBatch, scored: ScoredBatch) -> Metrics:
    """Describe what was sampled and how it was graded.

    Rewards, pass rate and verdict shares are of the sampled completions that were judged; the
    greedy ones have a reward and a pass rate of their own.
    """
    sampled = [graded for group in scored.groups for graded in group.graded if graded is not None]
    sampled = [graded for graded in sampled if not graded.completion.is_greedy]
    completions = [each for group in batch.groups for each in group.completions]
    verdicts = Counter(graded.feedback.verdict for graded in sampled)
    metrics: Metrics = {
        "reward/mean": _mean([graded.feedback.reward for graded in sampled]),
        "reward/coarse_mean": _mean([graded.feedback.coarse for graded in sampled]),
        "pass_rate": _mean([graded.feedback.verdict is Verdict.PASSED for graded in sampled]),
        "rollout/internal_error_rate": scored.num_dropped / max(1, scored.num_completions),
        "rollout/num_dropped": scored.num_dropped,
        "rollout/num_scored": len(scored.rollouts),
        "rollout/tokens_mean": _mean([len(each.token_ids) for each in completions]),
        "rollout/truncated_rate": _mean([each.is_truncated for each in completions]),
    }
    for verdict in Verdict:
        metrics[f"verdict/{verdict.value}_rate"] = verdicts[verdict] / max(1, len(sampled))
    if scored.greedy:
        metrics["reward/greedy_mean"] = _mean([each.reward for each in scored.greedy])
        metrics["greedy_pass_rate"] = _mean([each.verdict == "passed" for each in scored.greedy])
    return metrics


def buffer_metrics(ages: Sequence[int], trained: Sequence[Rollout], version: int) -> Metrics:
    """Describe the buffer, and how old the rollouts trained on were, in policy versions."""
    trained_ages = [version - rollout.policy_version for rollout in trained]
    return {
        "buffer/size": len(ages),
        "buffer/age_mean": _mean(ages),
        "buffer/age_max": max(ages, default=0),
        "buffer/trained": len(trained),
        "buffer/trained_age_mean": _mean(trained_ages),
        "buffer/trained_age_max": max(trained_ages, default=0),
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
