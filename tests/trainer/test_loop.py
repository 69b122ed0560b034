import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from rltf_executor.client import ExecutorUnavailableError
from rltf_executor.schema import Submission, Verdict
from rltf_trainer.checkpoint import list_checkpoints, load_state
from rltf_trainer.config import TrainConfig, load_config
from rltf_trainer.errors import CheckpointError
from rltf_trainer.grading import Grader
from rltf_trainer.learner import Learner, learning_rate
from rltf_trainer.loop import Parts, TrainingLoop
from rltf_trainer.policy.loading import load_policy
from rltf_trainer.problems import load_problems
from rltf_trainer.report.recorder import Recorder
from rltf_trainer.sampling import build_tasks, choose_tasks

OPTIONS: dict[str, object] = {
    "steps": 4,
    "rollout.problems_per_step": 2,
    "rollout.samples_per_problem": 3,
    "rollout.max_new_tokens": 6,
    "optimizer.lr": 1e-2,
    "optimizer.micro_batch_tokens": 64,
    "buffer.replay": 2,
    "checkpoint.every": 1,
    "checkpoint.keep_last": 100,
}


class Silent:
    """Shows nothing; remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def update(self, step: int, metrics: dict[str, float | int]) -> None:
        self.said.append(f"step {step}")

    def message(self, text: str) -> None:
        self.said.append(text)

    def phase(self, text: str) -> None:
        pass


class Bench:
    """Runs loops on the tiny model with an executor that follows a script."""

    def __init__(self, model: Path, problems: Path, scripted: type) -> None:
        self.model = model
        self.problems = problems
        self.executor = scripted()
        self.progress = Silent()

    def config(self, **options: object) -> TrainConfig:
        paths = {"model.path": str(self.model), "data.problems": f"jsonl:{self.problems}"}
        named = {name.replace("__", "."): value for name, value in options.items()}
        return load_config(None, paths | OPTIONS | named)

    def run(
        self,
        run_dir: Path,
        *,
        resume: bool = False,
        should_stop: Callable[[], None] = lambda: None,
        **options: object,
    ) -> TrainingLoop:
        config = self.config(**options)
        checkpoints = list_checkpoints(run_dir) if resume else []
        state = load_state(checkpoints[-1]) if checkpoints else None
        torch.manual_seed(0)
        policy = load_policy(
            config.model, config.lora, checkpoint=checkpoints[-1] if checkpoints else None
        )
        problems = load_problems(config.data.problems, limit=5)
        tasks = build_tasks(problems, policy, config.data)
        resume_step = int(state["step"]) if state else 0 if resume else None
        with (
            Recorder(run_dir, tensorboard=False, resume_step=resume_step) as recorder,
            Grader(
                lambda: self.executor, retry_every_s=0.01, announce=self.progress.message
            ) as grader,
        ):
            parts = Parts(
                policy=policy,
                learner=Learner(policy, config),
                grader=grader,
                recorder=recorder,
                progress=self.progress,
                train_tasks=tasks,
                validation_tasks=tasks[:2],
            )
            loop = TrainingLoop(config, run_dir, parts, should_stop=should_stop)
            if state is not None:
                loop.load_state_dict(state)
            loop.run()
        return loop


@pytest.fixture
def bench(tiny_model: Path, tiny_problems: Path, scripted: type) -> Bench:
    return Bench(tiny_model, tiny_problems, scripted)


def trained(run_dir: Path) -> dict[str, Tensor]:
    from safetensors.torch import load_file

    last = list_checkpoints(run_dir)[-1]
    [weights] = last.glob("*.safetensors")
    return load_file(weights)


def assert_same_weights(one: Path, other: Path) -> None:
    left, right = trained(one), trained(other)
    assert left.keys() == right.keys()
    assert all(torch.equal(left[name], right[name]) for name in left)


def metrics_of(run_dir: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text().splitlines()]


def without_time(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in row.items() if not key.startswith(("time", "tokens_per_s"))}
        for row in rows
    ]


class Stop(Exception):
    pass


def stop_at(call: int) -> Callable[[], None]:
    """Gives a check that raises at its ``call``-th call."""
    calls = {"made": 0}

    def check() -> None:
        calls["made"] += 1
        if calls["made"] == call:
            raise Stop

    return check


MODES: dict[str, dict[str, object]] = {
    "overlap": {},
    "in turn": {"overlap": False},
    "adapters with dropout": {"lora__rank": 2, "lora__dropout": 0.3},
    "several epochs": {"algorithm__name": "grpo", "algorithm__epochs": 2},
    "schedule": {"optimizer__schedule": "cosine", "optimizer__warmup_steps": 2},
}


@pytest.mark.parametrize("mode", MODES)
def test_resumed_run_ends_with_the_weights_of_the_uninterrupted_one(
    bench: Bench, tmp_path: Path, mode: str
):
    calls_in_all = {"made": 0}

    def count() -> None:
        calls_in_all["made"] += 1

    bench.run(tmp_path / "whole", should_stop=count, **MODES[mode])
    for share in (0.4, 0.85):
        run_dir = tmp_path / f"stopped-{share}"
        call = int(calls_in_all["made"] * share)
        with pytest.raises(Stop):
            bench.run(run_dir, should_stop=stop_at(call), **MODES[mode])
        bench.run(run_dir, resume=True, **MODES[mode])

        assert_same_weights(tmp_path / "whole", run_dir)
        assert without_time(metrics_of(run_dir)) == without_time(metrics_of(tmp_path / "whole"))


def test_run_killed_between_two_checkpoints_repeats_what_was_lost(bench: Bench, tmp_path: Path):
    bench.run(tmp_path / "whole")
    bench.run(tmp_path / "killed")
    for checkpoint in list_checkpoints(tmp_path / "killed")[1:]:  # as if none had been written
        (checkpoint / "state.pt").unlink()
        checkpoint.rename(checkpoint.with_name(f".unfinished-{checkpoint.name}"))

    bench.run(tmp_path / "killed", resume=True)

    assert_same_weights(tmp_path / "whole", tmp_path / "killed")
    rows = metrics_of(tmp_path / "killed")
    assert [row["step"] for row in rows] == [1, 2, 3, 4]


def test_run_stopped_in_its_first_step_begins_anew(bench: Bench, tmp_path: Path):
    bench.run(tmp_path / "whole")
    with pytest.raises(Stop):
        bench.run(tmp_path / "stopped", should_stop=stop_at(3))
    assert list_checkpoints(tmp_path / "stopped") == []

    bench.run(tmp_path / "stopped", resume=True)

    assert_same_weights(tmp_path / "whole", tmp_path / "stopped")


def test_finished_run_is_not_trained_further(bench: Bench, tmp_path: Path):
    bench.run(tmp_path)
    before = trained(tmp_path)

    bench.run(tmp_path, resume=True)

    assert all(torch.equal(before[name], each) for name, each in trained(tmp_path).items())


def test_other_options_are_no_continuation(bench: Bench, tmp_path: Path):
    bench.run(tmp_path)

    with pytest.raises(CheckpointError, match="other options"):
        bench.run(tmp_path, resume=True, optimizer__lr=1e-3)


def test_training_changes_the_weights_and_the_seed_decides_how(bench: Bench, tmp_path: Path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        bench.run(tmp_path / name, seed=seed)

    assert_same_weights(tmp_path / "a", tmp_path / "b")
    one, other = trained(tmp_path / "a"), trained(tmp_path / "c")
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_overlapped_rollouts_are_one_version_old(bench: Bench, tmp_path: Path):
    bench.run(tmp_path / "overlap", buffer__replay=0)
    bench.run(tmp_path / "in turn", buffer__replay=0, overlap=False)

    ages = [row["buffer/trained_age_max"] for row in metrics_of(tmp_path / "overlap")]
    assert ages == [0, 1, 1, 1]
    assert [row["buffer/trained_age_max"] for row in metrics_of(tmp_path / "in turn")] == [0] * 4


def test_buffer_is_bounded_in_size_and_age(bench: Bench, tmp_path: Path):
    bench.run(tmp_path, steps=6, buffer__capacity=10, buffer__max_staleness=2)

    rows = metrics_of(tmp_path)
    assert [row["buffer/size"] for row in rows] == [6, 10, 10, 10, 10, 10]
    assert max(row["buffer/age_max"] for row in rows) <= 2
    assert max(row["buffer/trained"] for row in rows) == 6 + 2


def test_every_number_that_is_promised_is_written(bench: Bench, tmp_path: Path):
    bench.run(tmp_path)

    promised = {
        "step", "time", "reward/mean", "reward/coarse_mean", "pass_rate",
        "rollout/internal_error_rate", "rollout/tokens_mean", "rollout/truncated_rate",
        "buffer/size", "buffer/age_mean", "buffer/age_max", "loss/total", "loss/policy",
        "loss/supervised", "policy/entropy", "policy/grad_norm", "time/generate_s",
        "time/executor_wait_s", "time/train_s", "time/step_s", "tokens_per_s", "policy_version",
        *(f"verdict/{verdict.value}_rate" for verdict in Verdict),
    }  # fmt: skip
    for row in metrics_of(tmp_path):
        assert promised <= row.keys()
        assert sum(row[f"verdict/{verdict.value}_rate"] for verdict in Verdict) == pytest.approx(1)


def test_samples_are_readable_rollouts(bench: Bench, tmp_path: Path):
    bench.run(tmp_path, report__samples_per_step=3)

    samples = [json.loads(line) for line in (tmp_path / "samples.jsonl").read_text().splitlines()]
    assert [each["step"] for each in samples] == [step for step in (1, 2, 3, 4) for _ in range(3)]
    for each in samples:
        assert len(each["blamed"]) == len(each["token_spans"])
        assert each["token_spans"][-1][1] == len(each["completion"])


@pytest.mark.parametrize("verdict", [Verdict.INTERNAL_ERROR, None])
def test_what_was_not_judged_is_dropped_and_counted(
    bench: Bench, tmp_path: Path, verdict: Verdict | None
):
    def judge(submission: Submission) -> Verdict | None:
        return verdict if submission.id == "tiny/0-2" else Verdict.WRONG_ANSWER

    bench.executor.judge = judge
    bench.run(tmp_path, data__limit=2, rollout__problems_per_step=5, steps=2, buffer__replay=0)

    for row in metrics_of(tmp_path):  # five problems with four completions each, one of them mute
        assert row["rollout/num_dropped"] == 4
        assert row["rollout/internal_error_rate"] == pytest.approx(4 / 20)
        assert row["rollout/num_scored"] == 12
        assert row["reward/coarse_mean"] == pytest.approx(-0.3)


def test_step_in_which_nothing_was_judged_changes_nothing(bench: Bench, tmp_path: Path):
    bench.executor.judge = lambda submission: Verdict.INTERNAL_ERROR

    loop = bench.run(tmp_path)

    assert loop.policy_version == 0
    assert "step 1: nothing was judged, nothing is learnt" in bench.progress.said


def test_training_pauses_for_a_dead_executor_and_goes_on(bench: Bench, tmp_path: Path):
    bench.run(tmp_path / "calm")
    bench.executor.faults = [ExecutorUnavailableError("connection refused")] * 3

    bench.run(tmp_path / "troubled")

    assert_same_weights(tmp_path / "calm", tmp_path / "troubled")
    assert sum("training pauses" in text for text in bench.progress.said) == 3


def test_programs_that_pass_become_likelier(bench: Bench, tmp_path: Path):
    """The rule of a word: programs that begin with one of these letters pass, all others fail."""
    letters = tuple("abcdef")
    policy = load_policy(bench.config().model)
    words = [policy.tokenizer.decode([i]).strip() for i in range(len(policy.tokenizer))]
    rewarded = torch.tensor([word.startswith(letters) for word in words])

    def judge(submission: Submission) -> Verdict:
        begins_right = submission.source.strip().startswith(letters)
        return Verdict.PASSED if begins_right else Verdict.WRONG_ANSWER

    def likelihood(checkpoint: Path | None) -> float:
        now = load_policy(bench.config().model, checkpoint=checkpoint)
        ids = torch.tensor([now.encode("# add 2 to x\n```python\n")])
        with torch.no_grad():
            probabilities = torch.softmax(now.model(ids).logits[0, -1], dim=-1)
        return float(probabilities[: len(rewarded)][rewarded].sum())

    bench.executor.judge = judge
    options: dict[str, object] = {
        "steps": 50,
        "rollout__samples_per_problem": 32,
        "rollout__max_new_tokens": 1,
        "optimizer__lr": 1e-2,
        "baseline__kind": "group_mean",
        "algorithm__supervised_weight": 0.0,
        "buffer__replay": 0,
        "checkpoint__every": 0,
    }
    bench.run(tmp_path, **options)

    assert likelihood(None) < 0.5
    assert likelihood(list_checkpoints(tmp_path)[-1]) > 0.9


def test_each_epoch_asks_every_problem_once_in_an_order_of_its_own(bench: Bench):
    config = bench.config()
    policy = load_policy(config.model)
    tasks = build_tasks(load_problems(config.data.problems, limit=6), policy, config.data)

    asked = [
        task.problem.id for step in range(1, 7) for task in choose_tasks(tasks, step, 4, seed=0)
    ]

    epochs = [asked[start : start + 6] for start in range(0, 24, 6)]
    everything = sorted(task.problem.id for task in tasks)
    assert all(sorted(epoch) == everything for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1


def test_learning_rate_warms_up_and_decays():
    def rates(**options: object) -> list[float]:
        config = load_config(
            None, {f"optimizer.{name}": value for name, value in options.items()}
        ).optimizer
        return [learning_rate(config, step, 6) for step in range(1, 7)]

    assert rates(lr=2.0) == [2.0] * 6
    assert rates(lr=2.0, warmup_steps=2) == [1.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    assert rates(lr=2.0, warmup_steps=2, schedule="linear") == [1.0, 2.0, 2.0, 1.5, 1.0, 0.5]
    assert rates(lr=2.0, schedule="cosine")[3] == pytest.approx(1.0)
