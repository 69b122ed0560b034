import threading
from pathlib import Path

import pytest

from rltf_executor.client import (
    AuthenticationError,
    ExecutorUnavailableError,
    UnexpectedAnswerError,
)
from rltf_executor.schema import ProblemDetails, Submission, Verdict
from rltf_trainer.errors import ExecutorStartError
from rltf_trainer.grading import Grader

SUBMISSIONS = [Submission(id=str(number), source=f"x = {number}") for number in range(5)]


def refused() -> AuthenticationError:
    problem = ProblemDetails(type="about:blank", title="Unauthorized", status=401, detail="token")
    return AuthenticationError("http://somewhere", problem)


def test_entries_come_in_the_order_of_the_submissions(scripted: type):
    with Grader(scripted) as grader:
        entries = grader.collect(grader.submit(SUBMISSIONS))

    assert [entry.id for entry in entries] == ["0", "1", "2", "3", "4"]


def test_grading_goes_on_while_the_caller_does_something_else(scripted: type):
    is_asked = threading.Event()

    def judge(submission: Submission) -> Verdict:
        is_asked.set()
        return Verdict.PASSED

    with Grader(lambda: scripted(judge)) as grader:
        grading = grader.submit(SUBMISSIONS)

        assert is_asked.wait(10)
        assert len(grader.collect(grading)) == 5


def test_dead_executor_is_waited_for_and_said_to_be_away_and_back(scripted: type):
    executor = scripted()
    executor.faults = [ExecutorUnavailableError("http://somewhere: connection refused")] * 2
    executor.unready = [ExecutorUnavailableError("still away")] * 3
    said: list[str] = []
    revived: list[int] = []

    with Grader(
        lambda: executor,
        retry_every_s=0.01,
        announce=said.append,
        revive=lambda: revived.append(1),
    ) as grader:
        entries = grader.collect(grader.submit(SUBMISSIONS))

    assert len(entries) == 5
    assert [text.split(",")[0] for text in said] == ["executor gone", "executor back"] * 2
    assert "connection refused" in said[0]
    assert len(revived) == 5  # before every look: three in vain, then one good, then one good


def test_refusal_is_not_waited_out(scripted: type):
    executor = scripted()
    executor.faults = [refused()]

    with Grader(lambda: executor) as grader, pytest.raises(ExecutorStartError, match="401"):
        grader.collect(grader.submit(SUBMISSIONS))


def test_something_else_at_the_url_is_said(scripted: type):
    executor = scripted()
    executor.unready = [UnexpectedAnswerError("http://somewhere: not an executor")]

    with Grader(lambda: executor) as grader, pytest.raises(ExecutorStartError, match="not an exec"):
        grader.wait_until_ready(1.0)


def test_batch_of_internal_errors_is_graded_again_and_then_believed(scripted: type):
    executor = scripted(lambda submission: Verdict.INTERNAL_ERROR)
    said: list[str] = []

    with Grader(lambda: executor, retry_every_s=0.01, announce=said.append) as grader:
        entries = grader.collect(grader.submit(SUBMISSIONS))

    assert {entry.verdict for entry in entries} == {Verdict.INTERNAL_ERROR}
    assert executor.num_batches == 3
    assert len(said) == 2


def test_single_internal_errors_are_believed(scripted: type):
    executor = scripted(
        lambda submission: Verdict.INTERNAL_ERROR if submission.id == "2" else Verdict.PASSED
    )

    with Grader(lambda: executor) as grader:
        entries = grader.collect(grader.submit(SUBMISSIONS))

    assert [entry.verdict for entry in entries].count(Verdict.INTERNAL_ERROR) == 1
    assert executor.num_batches == 1


def test_executor_that_refuses_every_program_is_told_at_once(scripted: type):
    with (
        Grader(lambda: scripted(lambda submission: None)) as grader,
        pytest.raises(ExecutorStartError, match="refuses every program: no"),
    ):
        grader.collect(grader.submit(SUBMISSIONS))


def test_waiting_for_grades_can_be_stopped(scripted: type):
    executor = scripted()
    executor.faults = [ExecutorUnavailableError("away")]
    executor.unready = [ExecutorUnavailableError("away")] * 10_000
    looks = iter(range(100))

    def stop_at_the_third() -> None:
        if next(looks) == 2:
            raise InterruptedError

    with (
        Grader(lambda: executor, retry_every_s=0.01, announce=lambda text: None) as grader,
        pytest.raises(InterruptedError),
    ):
        grader.collect(grader.submit(SUBMISSIONS), stop_at_the_third)

    assert executor.is_closed


def test_closing_twice_is_safe(scripted: type, tmp_path: Path):
    grader = Grader(scripted)

    grader.close()
    grader.close()
