"""A policy learns from the executor's verdicts on Docker; from shuffled verdicts it does not."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import torch

from rltf_executor.client import AsyncExecutorClient
from rltf_executor.schema import ExecutionResult, RefusedItem, Submission
from rltf_trainer.config import TrainConfig, load_config
from rltf_trainer.embedded import EmbeddedExecutor
from rltf_trainer.evaluate import evaluate
from rltf_trainer.grading import Executor, Grader
from rltf_trainer.learner import Learner
from rltf_trainer.loop import Parts, TrainingLoop
from rltf_trainer.policy.generation import Sampling
from rltf_trainer.policy.loading import Policy, load_policy
from rltf_trainer.problems import load_problems
from rltf_trainer.report.progress import Progress
from rltf_trainer.report.recorder import Recorder
from rltf_trainer.sampling import Task, build_tasks

pytestmark = [pytest.mark.e2e, pytest.mark.docker, pytest.mark.slow]

SAMPLES = 4  # of each of 96 problems: the standard error of a pass rate is 2.5 points


class ShuffledVerdicts:
    """An executor whose verdicts are real, and go to the wrong programs of the batch."""

    def __init__(self, executor: AsyncExecutorClient) -> None:
        self._executor = executor
        self._random = random.Random(0)

    async def execute(self, submission: Submission) -> ExecutionResult:
        return await self._executor.execute(submission)

    async def execute_batch(
        self, submissions: Sequence[Submission]
    ) -> list[ExecutionResult | RefusedItem]:
        entries = await self._executor.execute_batch(submissions)
        self._random.shuffle(entries)
        return entries

    async def wait_until_ready(self, timeout_s: float = 60.0) -> None:
        await self._executor.wait_until_ready(timeout_s)

    async def aclose(self) -> None:
        await self._executor.aclose()


@pytest.fixture(scope="module")
def executor(
    sandbox_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedExecutor]:
    log = tmp_path_factory.mktemp("executor") / "executor.log"
    with EmbeddedExecutor(log, sandbox="docker") as embedded:
        embedded.start(timeout_s=120)
        yield embedded


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(num_threads)


def options(model: Path, problems: Path) -> TrainConfig:
    return load_config(
        None,
        {
            "model.path": str(model),
            "data.problems": f"jsonl:{problems}",
            "steps": 30,
            "rollout.problems_per_step": 8,
            "rollout.samples_per_problem": 8,
            "rollout.max_new_tokens": 24,
            "baseline.kind": "leave_one_out",
            "algorithm.name": "reinforce",
            "reward.fine": False,
            "optimizer.lr": 2e-4,
            "checkpoint.every": 0,
        },
    )


def sampled_pass_rate(policy: Policy, tasks: list[Task], grader: Grader) -> float:
    evaluation = evaluate(
        policy,
        tasks,
        grader,
        sampling=Sampling(max_new_tokens=24, batch_size=400),
        num_samples=SAMPLES,
        greedy=False,
        k=(1,),
        seed=1,
    )
    assert "internal_error" not in evaluation.verdicts()
    rate = evaluation.pass_at(1)
    assert rate is not None
    return rate


def pass_rates(
    config: TrainConfig, executor: EmbeddedExecutor, run_dir: Path, *, is_shuffled: bool
) -> tuple[float, float]:
    """Trains; gives the sampled pass rate before and after, judged by true verdicts both times."""

    def connect() -> AsyncExecutorClient:
        return AsyncExecutorClient(executor.url, token=executor.token)

    def connect_for_training() -> Executor:
        return ShuffledVerdicts(connect()) if is_shuffled else connect()

    policy = load_policy(config.model)
    tasks = build_tasks(load_problems(config.data.problems), policy, config.data)
    with (
        Grader(connect) as honest,
        Grader(connect_for_training) as grader,
        Recorder(run_dir, tensorboard=False) as recorder,
        Progress(config.steps) as progress,
    ):
        parts = Parts(
            policy=policy,
            learner=Learner(policy, config),
            grader=grader,
            recorder=recorder,
            progress=progress,
            train_tasks=tasks,
            validation_tasks=tasks,
        )
        before = sampled_pass_rate(policy, tasks, honest)
        TrainingLoop(config, run_dir, parts).run()
        return before, sampled_pass_rate(policy, tasks, honest)


def test_pass_rate_rises_by_15_points(
    tiny_model: Path, tiny_problems: Path, executor: EmbeddedExecutor, tmp_path: Path
):
    config = options(tiny_model, tiny_problems)

    before, after = pass_rates(config, executor, tmp_path, is_shuffled=False)

    assert after - before >= 0.15, f"sampled pass rate: {before:.1%} before, {after:.1%} after"


def test_shuffled_rewards_teach_nothing(
    tiny_model: Path, tiny_problems: Path, executor: EmbeddedExecutor, tmp_path: Path
):
    config = options(tiny_model, tiny_problems)

    before, after = pass_rates(config, executor, tmp_path, is_shuffled=True)

    assert after - before < 0.15, f"sampled pass rate: {before:.1%} before, {after:.1%} after"
