"""A tiny untrained model and a scripted executor: the loop without weights or Docker."""

import importlib.util
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest
import torch

from rltf_executor.schema import (
    ErrorInfo,
    ExecutionResult,
    Isolation,
    ProblemDetails,
    RefusedItem,
    Submission,
    TestResult,
    Timing,
    Verdict,
)
from rltf_trainer.options import ModelConfig
from rltf_trainer.policy.loading import Policy, load_policy

Judge = Callable[[Submission], Verdict | None]


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    """The module that makes the tiny model and its problems."""
    path = Path(__file__).parents[1] / "e2e" / "tiny_model.py"
    spec = importlib.util.spec_from_file_location("tiny_model", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny_model(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of the tiny model as it is before it has learnt anything."""
    directory: Path = tiny.build_model(tmp_path_factory.mktemp("model"), warmup_steps=0)
    return directory


@pytest.fixture(scope="session")
def tiny_problems(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tiny model's problems."""
    path: Path = tiny.write_problems(tmp_path_factory.mktemp("problems") / "tiny.jsonl")
    return path


@pytest.fixture
def policy(tiny_model: Path) -> Policy:
    """The tiny policy, untrained."""
    return load_policy(ModelConfig(path=str(tiny_model)))


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def result_of(submission: Submission, verdict: Verdict) -> ExecutionResult:
    """Gives a result in which every test has ``verdict``; errors are on line 2."""
    error = None
    if verdict in (Verdict.SYNTAX_ERROR, Verdict.RUNTIME_ERROR):
        error = ErrorInfo(type="NameError", message="name 'y' is not defined", line=2)
    tests = [
        TestResult(index=index, verdict=verdict, error=error)
        for index in range(len(submission.tests) or 1)
    ]
    return ExecutionResult(
        id=submission.id,
        verdict=verdict,
        passed=len(tests) if verdict is Verdict.PASSED else 0,
        total=len(tests),
        tests=tests,
        error=error,
        timing=Timing(queue_ms=0, run_ms=0, total_ms=0),
        isolation=Isolation(backend="script", runtime="none", level="none"),
    )


def judge_by_checksum(submission: Submission) -> Verdict:
    """Gives every program a verdict of its own, the same each time."""
    verdicts = (
        Verdict.PASSED,
        Verdict.WRONG_ANSWER,
        Verdict.RUNTIME_ERROR,
        Verdict.SYNTAX_ERROR,
        Verdict.TIMEOUT,
    )
    return verdicts[zlib.crc32(submission.source.encode()) % len(verdicts)]


class ScriptedExecutor:
    """An executor whose verdicts a function decides; None refuses the submission.

    Attributes:
        faults: Raised by the next calls of ``execute_batch``, one each.
        num_batches: Batches asked for.
    """

    def __init__(self, judge: Judge = judge_by_checksum) -> None:
        self.judge = judge
        self.faults: list[Exception] = []
        self.unready: list[Exception] = []
        self.num_batches = 0
        self.is_closed = False

    async def execute(self, submission: Submission) -> ExecutionResult:
        return result_of(submission, Verdict.PASSED)

    async def execute_batch(
        self, submissions: Sequence[Submission]
    ) -> list[ExecutionResult | RefusedItem]:
        self.num_batches += 1
        if self.faults:
            raise self.faults.pop(0)
        return [self._entry(submission) for submission in submissions]

    async def wait_until_ready(self, timeout_s: float = 60.0) -> None:
        if self.unready:
            raise self.unready.pop(0)

    async def aclose(self) -> None:
        self.is_closed = True

    def _entry(self, submission: Submission) -> ExecutionResult | RefusedItem:
        verdict = self.judge(submission)
        if verdict is None:
            problem = ProblemDetails(type="about:blank", title="no", status=422, detail="no")
            return RefusedItem(id=submission.id, problem=problem)
        return result_of(submission, verdict)


@pytest.fixture
def scripted() -> type[ScriptedExecutor]:
    """The class of executors that follow a script."""
    return ScriptedExecutor
