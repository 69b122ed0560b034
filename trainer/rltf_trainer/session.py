"""Joins the parts of a run and takes them apart again: the one place that opens everything.

Order matters: what is wrong with the options, the data or the model is said before an executor is
started; the executor is asked before the first step.
"""

import json
import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import torch
from rich.console import Console

from rltf_executor.client import AsyncExecutorClient, RetryPolicy
from rltf_trainer.checkpoint import list_checkpoints, load_state, save_final
from rltf_trainer.config import TrainConfig, load_config, save_config
from rltf_trainer.embedded import EmbeddedExecutor
from rltf_trainer.errors import CheckpointError, ConfigError, TrainingInterruptedError
from rltf_trainer.evaluate import evaluate, evaluation_table, write_results
from rltf_trainer.grading import Grader
from rltf_trainer.interrupts import StopRequestedError, StopSignals
from rltf_trainer.learner import Learner
from rltf_trainer.loop import Parts, ProgressView, TrainingLoop
from rltf_trainer.options import ExecutorConfig
from rltf_trainer.policy.generation import Sampling
from rltf_trainer.policy.loading import Policy, check_model_path, load_policy
from rltf_trainer.problems import Problem, load_problems
from rltf_trainer.report.html import write_report
from rltf_trainer.report.recorder import Recorder
from rltf_trainer.report.run_data import Evaluation, read_run
from rltf_trainer.sampling import build_tasks
from rltf_trainer.seeds import derive_seed

logger = logging.getLogger(__name__)

CONFIG_FILE: Final = "config.toml"
EXECUTOR_LOG: Final = "executor.log"
# A dead executor is said to be dead after seconds; the grader then waits as long as it takes.
_RETRY: Final = RetryPolicy(max_failures=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSummary:
    """What a run left behind."""

    run_dir: Path
    steps: int
    before: Evaluation | None
    after: Evaluation | None
    checkpoint: Path | None
    final: Path
    report: Path


@contextmanager
def open_grader(
    executor: ExecutorConfig, log_dir: Path, announce: Callable[[str], None]
) -> Iterator[Grader]:
    """Connect to the executor, or start one; everything is closed at the end.

    Args:
        executor: URLs and bounds.
        log_dir: Where the log of an embedded executor goes.
        announce: Told what a person should know.

    Raises:
        ExecutorStartError: None answers within the bound.
    """
    with ExitStack() as stack:
        urls: Sequence[str] = executor.urls
        token = executor.token.get_secret_value() if executor.token is not None else None
        timeout_s = executor.connect_timeout_s
        revive: Callable[[], None] = _nothing
        if not urls:
            embedded = stack.enter_context(
                EmbeddedExecutor(log_dir / EXECUTOR_LOG, sandbox=executor.sandbox)
            )
            announce(f"starting an executor of this run's own, log in {log_dir / EXECUTOR_LOG}")
            embedded.start(executor.start_timeout_s)
            urls, token, revive = [embedded.url], embedded.token, embedded.revive

        def connect() -> AsyncExecutorClient:
            return AsyncExecutorClient(
                urls, token=token, retry=_RETRY, batch_size=executor.batch_size
            )

        grader = stack.enter_context(
            Grader(connect, retry_every_s=executor.retry_every_s, announce=announce, revive=revive)
        )
        grader.wait_until_ready(timeout_s)
        yield grader


def prepare_run(config: TrainConfig) -> tuple[TrainConfig, Path]:
    """Give the run a directory, with paths that hold from every working directory."""
    run_dir = Path(config.run_dir or f"runs/{datetime.now().astimezone():%Y%m%d-%H%M%S}").resolve()
    updates: dict[str, Any] = {"run_dir": str(run_dir)}
    model = Path(config.model.path)
    if config.model.path and model.exists():
        updates["model"] = config.model.model_copy(update={"path": str(model.resolve())})
    name, colon, location = config.data.problems.partition(":")
    if colon and Path(location).exists():
        problems = f"{name}:{Path(location).resolve()}"
        updates["data"] = config.data.model_copy(update={"problems": problems})
    return config.model_copy(update=updates), run_dir


def resumed_config(run_dir: Path, overrides: dict[str, object]) -> TrainConfig:
    """Read the options a run was started with, and lay ``overrides`` over them.

    Raises:
        CheckpointError: The directory holds no run.
    """
    path = run_dir / CONFIG_FILE
    if not path.is_file():
        raise CheckpointError(f"{run_dir}: holds no run to resume: it has no {CONFIG_FILE}")
    return load_config(path, overrides | {"run_dir": str(run_dir.resolve())})


def run_training(
    config: TrainConfig,
    progress: ProgressView,
    *,
    resume: bool = False,
) -> TrainingSummary:
    """Train from the first step, or from the last checkpoint, to the end.

    Args:
        config: Options, with paths resolved (``prepare_run``).
        progress: Told what happens.
        resume: Go on from the last checkpoint in ``config.run_dir``, from scratch if it has none.

    Raises:
        UserError: Something the user can mend.
        TrainingInterruptedError: A signal asked to stop; the state is saved.
    """
    run_dir = Path(config.run_dir)
    checkpoint, state = _last_state(run_dir) if resume else (None, None)
    check_model_path(config.model.path)
    problems = _load_all_problems(config)
    torch.manual_seed(derive_seed(config.seed, "adapters", 0))
    policy = load_policy(config.model, config.lora, checkpoint=checkpoint)
    _match_threads(config, state)
    tasks = [
        build_tasks(chosen, policy, config.data, examples=problems.examples) if chosen else []
        for chosen in (problems.train, problems.validation)
    ]
    with ExitStack() as stack:
        signals = stack.enter_context(StopSignals())
        recorder = _open_recorder(config, run_dir, resume, state)
        stack.callback(recorder.close)
        save_config(config, run_dir / CONFIG_FILE)
        grader = stack.enter_context(open_grader(config.executor, run_dir, progress.message))
        loop = TrainingLoop(
            config,
            run_dir,
            Parts(
                policy=policy,
                learner=Learner(policy, config),
                grader=grader,
                recorder=recorder,
                progress=progress,
                train_tasks=tasks[0],
                validation_tasks=tasks[1],
            ),
            should_stop=signals.check,
        )
        if state is not None:
            loop.load_state_dict(state)
            progress.message(f"resumed after step {loop.step} from {checkpoint}")
        try:
            _run_with_evaluations(loop, config, run_dir)
        except StopRequestedError as stop:
            saved = list_checkpoints(run_dir)
            raise TrainingInterruptedError(
                signals.received or 0, saved[-1] if saved else None
            ) from stop
    return _summarise(config, run_dir, policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problems:
    train: list[Problem]
    validation: list[Problem]
    examples: list[Problem]


def _load_all_problems(config: TrainConfig) -> _Problems:
    data = config.data
    examples: list[Problem] = []
    if data.num_examples:
        examples = load_problems(data.problems, split=data.examples_split, limit=data.num_examples)
    shown = {problem.id for problem in examples}
    train = load_problems(data.problems, split=data.train_split)
    train = [problem for problem in train if problem.id not in shown][: data.limit]
    evaluation = config.evaluation
    validation: list[Problem] = []
    if evaluation.before or evaluation.after or evaluation.every:
        validation = load_problems(
            data.problems, split=data.validation_split, limit=evaluation.limit
        )
    if not train:
        raise ConfigError(
            f"data.num_examples: {data.num_examples} examples leave no problem of split "
            f"{data.train_split!r} to train on"
        )
    return _Problems(train=train, validation=validation, examples=examples)


def _last_state(run_dir: Path) -> tuple[Path | None, dict[str, Any] | None]:
    checkpoints = list_checkpoints(run_dir)
    if not checkpoints:
        return None, None
    return checkpoints[-1], load_state(checkpoints[-1])


def _match_threads(config: TrainConfig, state: dict[str, Any] | None) -> None:
    """Sums depend on how they are split over threads: an exact resume needs as many as before."""
    if state is not None and not config.model.threads:
        torch.set_num_threads(int(state["threads"]))


def _open_recorder(
    config: TrainConfig, run_dir: Path, resume: bool, state: dict[str, Any] | None
) -> Recorder:
    resume_step = None
    if resume:
        resume_step = 0 if state is None else int(state["step"])
    return Recorder(run_dir, tensorboard=config.report.tensorboard, resume_step=resume_step)


def _run_with_evaluations(loop: TrainingLoop, config: TrainConfig, run_dir: Path) -> None:
    done = {evaluation.when for evaluation in read_run(run_dir).evaluations}
    if config.evaluation.before and loop.step == 0 and "before" not in done:
        loop.evaluate("before")
    loop.run()
    if config.evaluation.after and "after" not in done:
        loop.evaluate("after")


def _summarise(config: TrainConfig, run_dir: Path, policy: Policy) -> TrainingSummary:
    checkpoints = list_checkpoints(run_dir)
    final = save_final(run_dir, policy)
    evaluations = {evaluation.when: evaluation for evaluation in read_run(run_dir).evaluations}
    report = write_report(run_dir)
    return TrainingSummary(
        run_dir=run_dir,
        steps=config.steps,
        before=evaluations.get("before"),
        after=evaluations.get("after"),
        checkpoint=checkpoints[-1] if checkpoints else None,
        final=final,
        report=report,
    )


def run_evaluation(
    config: TrainConfig, console: Console, *, split: str, limit: int | None, out: Path | None
) -> int:
    """Measure pass@k on a split and show it as a table; gives the exit code.

    Args:
        config: Model, problems, executor and the ``evaluation`` options.
        console: Where the table goes.
        split: Which problems.
        limit: The first so many of them.
        out: Directory for ``results.jsonl``, ``completions.jsonl`` and ``evaluation.json``.
    """
    check_model_path(config.model.path)
    data, options = config.data, config.evaluation
    examples: list[Problem] = []
    if data.num_examples:
        examples = load_problems(data.problems, split=data.examples_split, limit=data.num_examples)
    shown = {problem.id for problem in examples}
    problems = [each for each in load_problems(data.problems, split=split) if each.id not in shown]
    policy = load_policy(config.model, for_inference=True)
    tasks = build_tasks(problems[:limit], policy, data, examples=examples)
    with ExitStack() as stack:
        signals = stack.enter_context(StopSignals())
        log_dir = out or Path(stack.enter_context(tempfile.TemporaryDirectory()))

        def announce(text: str) -> None:
            console.print(text, highlight=False, markup=False, soft_wrap=True)

        grader = stack.enter_context(open_grader(config.executor, log_dir, announce))
        try:
            evaluation = evaluate(
                policy,
                tasks,
                grader,
                sampling=Sampling(
                    temperature=options.temperature,
                    top_p=options.top_p,
                    max_new_tokens=config.rollout.max_new_tokens,
                    batch_size=config.rollout.batch_size,
                ),
                num_samples=options.samples,
                greedy=options.greedy,
                k=options.k,
                seed=config.seed,
                limits=config.executor.limits,
                should_stop=signals.check,
            )
        except StopRequestedError as stop:
            raise TrainingInterruptedError(signals.received or 0, None) from stop
    how = "greedy" if options.greedy else f"{options.samples} samples a problem"
    console.print(evaluation_table(evaluation, f"{data.problems}, split {split}, {how}"))
    if out is not None:
        write_results(evaluation, out)
        record = evaluation.to_record("eval", 0)
        (out / "evaluation.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        console.print(f"results: {out / 'results.jsonl'}", highlight=False, soft_wrap=True)
    return 0


def _nothing() -> None:
    """Revive nothing: the executor is somebody else's."""
