import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltf_executor.schema import Submission, Verdict
from rltf_trainer.evaluate import (
    Evaluation,
    ProblemOutcome,
    evaluate,
    evaluation_table,
    pass_at_k,
    write_results,
)
from rltf_trainer.grading import Grader
from rltf_trainer.options import DataConfig
from rltf_trainer.policy.generation import Sampling
from rltf_trainer.policy.loading import Policy
from rltf_trainer.problems import load_problems
from rltf_trainer.sampling import Task, build_tasks


@pytest.mark.parametrize(
    ("num_samples", "num_passed", "k", "expected"),
    [
        (1, 0, 1, 0.0),
        (1, 1, 1, 1.0),
        (4, 1, 1, 0.25),
        (5, 2, 2, 0.7),  # 1 - C(3, 2) / C(5, 2) = 1 - 3 / 10
        (10, 3, 5, 11 / 12),  # 1 - C(7, 5) / C(10, 5) = 1 - 21 / 252
        (10, 6, 5, 1.0),  # fewer than 5 fail
        (200, 0, 100, 0.0),
    ],
)
def test_pass_at_k_as_worked_out_by_hand(
    num_samples: int, num_passed: int, k: int, expected: float
):
    assert pass_at_k(num_samples, num_passed, k) == pytest.approx(expected, abs=1e-12)


@given(
    st.integers(1, 7).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n)))
)
def test_pass_at_k_is_the_share_of_draws_with_a_pass(case: tuple[int, int, int]):
    num_samples, num_passed, k = case
    draws = list(combinations(range(num_samples), k))
    with_a_pass = sum(min(draw) < num_passed for draw in draws)

    assert pass_at_k(num_samples, num_passed, k) == pytest.approx(with_a_pass / len(draws))


@pytest.mark.parametrize(
    ("num_samples", "num_passed", "k"), [(2, 3, 1), (2, -1, 1), (2, 1, 3), (2, 1, 0)]
)
def test_impossible_counts_are_refused(num_samples: int, num_passed: int, k: int):
    with pytest.raises(ValueError, match="is not in"):
        pass_at_k(num_samples, num_passed, k)


def outcome(problem_id: str, num_samples: int, num_passed: int) -> ProblemOutcome:
    verdicts = {"passed": num_passed, "wrong_answer": num_samples - num_passed}
    return ProblemOutcome(
        problem_id=problem_id, num_samples=num_samples, num_passed=num_passed, verdicts=verdicts
    )


def evaluation_of(*outcomes: ProblemOutcome, k: tuple[int, ...] = (1, 2)) -> Evaluation:
    return Evaluation(
        split="test", outcomes=outcomes, k=k, num_samples=4, examples=(), completions=(), wall_s=1.0
    )


def test_pass_at_k_of_a_set_is_the_mean_over_its_problems():
    evaluation = evaluation_of(outcome("a", 4, 1), outcome("b", 4, 4))

    assert evaluation.pass_at(1) == pytest.approx((0.25 + 1.0) / 2)
    assert evaluation.pass_at(2) == pytest.approx((0.5 + 1.0) / 2)


def test_problem_with_too_few_judged_completions_has_no_vote():
    evaluation = evaluation_of(outcome("a", 4, 4), outcome("b", 1, 0), outcome("c", 0, 0))

    assert evaluation.pass_at(2) == 1.0
    assert evaluation.pass_at(1) == 0.5
    assert evaluation_of(outcome("c", 0, 0)).pass_at(1) is None


def test_results_file_has_a_line_a_problem(tmp_path: Path):
    write_results(evaluation_of(outcome("a", 4, 1), outcome("b", 1, 1)), tmp_path / "out")

    text = (tmp_path / "out" / "results.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["id"] for line in lines] == ["a", "b"]
    assert lines[0]["pass@2"] == 0.5
    assert "pass@2" not in lines[1]


def test_table_counts_verdicts():
    table = evaluation_table(evaluation_of(outcome("a", 4, 1)), "title")

    cells = list(zip(*[list(column.cells) for column in table.columns], strict=True))
    assert ("pass@1", "25.0%", "1 problems") in cells
    assert ("wrong_answer", "75.0%", "3 of 4") in cells


@pytest.fixture
def tasks(policy: Policy, tiny_problems: Path) -> list[Task]:
    return build_tasks(load_problems(f"jsonl:{tiny_problems}", limit=3), policy, DataConfig())


@pytest.fixture
def verdicts() -> dict[str, Verdict | None]:
    """Verdict of each problem's programs; changed by the tests."""
    return {}


@pytest.fixture
def grader(scripted: type, verdicts: dict[str, Verdict | None]) -> Iterator[Grader]:
    def judge(submission: Submission) -> Verdict | None:
        return verdicts.get(submission.id or "", Verdict.PASSED)

    with Grader(lambda: scripted(judge), retry_every_s=0.01) as grader:
        yield grader


def run(policy: Policy, tasks: list[Task], grader: Grader, **options: object) -> Evaluation:
    chosen = {"num_samples": 4, "greedy": False, "k": (1, 4), "seed": 0} | options
    return evaluate(policy, tasks, grader, sampling=Sampling(max_new_tokens=4), **chosen)


def test_every_completion_is_counted(
    policy: Policy, tasks: list[Task], grader: Grader, verdicts: dict[str, Verdict | None]
):
    verdicts[tasks[1].problem.id] = Verdict.TIMEOUT

    evaluation = run(policy, tasks, grader)

    assert [(each.num_samples, each.num_passed) for each in evaluation.outcomes] == [
        (4, 4),
        (4, 0),
        (4, 4),
    ]
    assert evaluation.pass_at(1) == pytest.approx(2 / 3)
    assert evaluation.verdicts() == {"passed": 8, "timeout": 4}
    counted = [each["verdict"] for each in evaluation.completions]
    assert counted == ["passed"] * 4 + ["timeout"] * 4 + ["passed"] * 4
    assert all(each["program"] in each["completion"] for each in evaluation.completions)


@pytest.mark.parametrize("verdict", [Verdict.INTERNAL_ERROR, None])
def test_what_was_not_judged_is_neither_passed_nor_failed(
    policy: Policy,
    tasks: list[Task],
    grader: Grader,
    verdicts: dict[str, Verdict | None],
    verdict: Verdict | None,
):
    verdicts[tasks[1].problem.id] = verdict

    evaluation = run(policy, tasks, grader)

    assert [each.num_samples for each in evaluation.outcomes] == [4, 0, 4]
    assert evaluation.pass_at(1) == 1.0
    assert evaluation.verdicts() == {"passed": 8, "internal_error": 4}


def test_greedy_draws_nothing(policy: Policy, tasks: list[Task], grader: Grader):
    first = run(policy, tasks, grader, greedy=True, k=(1,), seed=0)
    second = run(policy, tasks, grader, greedy=True, k=(1,), seed=1)

    assert first.num_samples == 1
    assert [each["completion"] for each in first.examples] == [
        each["completion"] for each in second.examples
    ]


def test_same_seed_gives_the_same_completions(policy: Policy, tasks: list[Task], grader: Grader):
    texts = [
        [each["completion"] for each in run(policy, tasks, grader, seed=seed).examples]
        for seed in (5, 5, 6)
    ]

    assert texts[0] == texts[1]
    assert texts[0] != texts[2]
