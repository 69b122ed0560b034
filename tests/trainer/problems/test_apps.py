import json
import logging
from pathlib import Path
from typing import Any

import pytest

from rltf_executor.schema import AssertTest, CallTest, StdioTest
from rltf_trainer.errors import ProblemFormatError, UserError
from rltf_trainer.problems import load_problems


def write_problem(
    folder: Path,
    cases: object,
    *,
    solutions: list[str] | None = None,
    starter_code: str | None = None,
    difficulty: str | None = "interview",
) -> Path:
    folder.mkdir(parents=True)
    (folder / "question.txt").write_text("Print the sum of two integers.\n")
    text = cases if isinstance(cases, str) else json.dumps(cases)
    (folder / "input_output.json").write_text(text)
    if solutions is not None:
        (folder / "solutions.json").write_text(json.dumps(solutions))
    if starter_code is not None:
        (folder / "starter_code.py").write_text(starter_code)
    if difficulty is not None:
        (folder / "metadata.json").write_text(json.dumps({"difficulty": difficulty}))
    return folder


def graded_by(root: Path, cases: object, **options: Any) -> list[object]:
    write_problem(root / "train" / "0000", cases, **options)
    (problem,) = load_problems(f"apps:{root}")
    return list(problem.tests)


def test_stdio_problem(tmp_path: Path):
    program = "print(sum(map(int, input().split())))\n"
    write_problem(
        tmp_path / "test" / "0007",
        {"inputs": ["1 2\n", "3 4\n"], "outputs": ["3\n", "7\n"]},
        solutions=["print 1, 2", program],
    )

    (problem,) = load_problems(f"apps:{tmp_path}", split="test")

    assert problem.id == "apps/test/0007"
    assert problem.statement == "Print the sum of two integers."
    assert problem.tests == (
        StdioTest(kind="stdio", stdin="1 2\n", expected_stdout="3\n"),
        StdioTest(kind="stdio", stdin="3 4\n", expected_stdout="7\n"),
    )
    assert problem.is_stdio
    assert problem.reference == program  # the first is Python 2
    assert problem.difficulty == "interview"
    assert problem.checker is not None
    assert problem.checker.kind == "tokens"


def test_lists_of_lines_are_joined(tmp_path: Path):
    (test,) = graded_by(tmp_path, {"inputs": [["2", "1 2"]], "outputs": [["3", 4]]})

    assert test == StdioTest(kind="stdio", stdin="2\n1 2\n", expected_stdout="3\n4\n")


def test_wrapped_answers_of_calls_are_unwrapped(tmp_path: Path):
    tests = graded_by(
        tmp_path,
        {"fn_name": "is_big", "inputs": [[1], [50]], "outputs": [[False], [True]]},
        starter_code="def is_big(n):\n\t",
    )

    assert tests == [
        CallTest(kind="call", function="is_big", args=[1], expected=False),
        CallTest(kind="call", function="is_big", args=[50], expected=True),
    ]


def test_answers_of_which_one_is_longer_stand_for_themselves(tmp_path: Path):
    tests = graded_by(tmp_path, {"fn_name": "f", "inputs": [[1], [2]], "outputs": [[1], [1, 2]]})

    assert [test.expected for test in tests if isinstance(test, CallTest)] == [[1], [1, 2]]


@pytest.mark.parametrize(
    ("annotation", "expected"), [("List[int]", [5]), ("int", 5), ("Optional[int]", 5)]
)
def test_array_of_one_is_the_answer_of_a_method_that_returns_a_list(
    tmp_path: Path, annotation: str, expected: object
):
    starter = f"class Solution:\n    def solve(self, n: int) -> {annotation}:\n        "

    (test,) = graded_by(
        tmp_path,
        {"fn_name": "solve", "inputs": [[1]], "outputs": [[5]]},
        starter_code=starter,
    )

    assert test == CallTest(kind="call", function="solve", args=[1], expected=expected)


def test_what_json_cannot_carry_becomes_an_assert(tmp_path: Path):
    huge = "1" + "0" * 5000
    cases = (
        '{"fn_name": "f", "inputs": [[' + huge + '], [{"1": 2}], [1]], '
        '"outputs": [[1], [{"-3": 4}], [NaN]]}'
    )

    large, keyed, not_a_number = graded_by(tmp_path, cases)

    assert large == AssertTest(kind="assert", code=f"assert f({hex(10**5000)}) == 1")
    assert keyed == AssertTest(kind="assert", code="assert f({1: 2}) == {-3: 4}")
    assert not_a_number == AssertTest(kind="assert", code='assert f(1) == float("nan")')


def test_huge_integer_within_json_stays_a_call(tmp_path: Path):
    (test,) = graded_by(
        tmp_path, {"fn_name": "f", "inputs": [[10**4000]], "outputs": [[-(10**4000)]]}
    )

    assert test == CallTest(kind="call", function="f", args=[10**4000], expected=-(10**4000))


def test_assert_for_a_method_calls_a_fresh_solution(tmp_path: Path):
    (test,) = graded_by(
        tmp_path,
        {"fn_name": "f", "inputs": [[{"1": 2}]], "outputs": [3]},
        starter_code="class Solution:\n    def f(self, table):\n        ",
    )

    assert test == AssertTest(kind="assert", code="assert Solution().f({1: 2}) == 3")


def test_solutions_metadata_and_starter_code_may_be_missing(tmp_path: Path):
    write_problem(tmp_path / "train" / "0000", {"inputs": ["1"], "outputs": ["1"]}, difficulty=None)

    (problem,) = load_problems(f"apps:{tmp_path}")

    assert (problem.reference, problem.difficulty, problem.starter_code) == (None, None, "")


def test_problem_without_tests_is_left_out_and_said(tmp_path: Path, caplog):
    write_problem(tmp_path / "train" / "0000", {"inputs": [], "outputs": []})
    write_problem(tmp_path / "train" / "0001", {"inputs": ["1"], "outputs": ["1"]})

    with caplog.at_level(logging.WARNING):
        problems = load_problems(f"apps:{tmp_path}")

    assert [problem.id for problem in problems] == ["apps/train/0001"]
    assert len(caplog.records) == 1


def test_directory_of_one_split_takes_its_name(tmp_path: Path):
    write_problem(tmp_path / "train" / "0003", {"inputs": ["1"], "outputs": ["1"]})

    (problem,) = load_problems(f"apps:{tmp_path / 'train'}", split="train")

    assert problem.id == "apps/train/0003"


@pytest.mark.parametrize(
    ("cases", "complaint"),
    [
        ("{", "input_output: not JSON at column 2"),
        ("[]", "must be an object, is an array"),
        ({"inputs": ["1"], "outputs": []}, "outputs: 0 items, but inputs has 1"),
        ({"inputs": "1", "outputs": ["1"]}, "inputs: must be an array, is a string"),
        ({"inputs": [1], "outputs": ["1"]}, "inputs[0]: must be a string or an array of lines"),
        (
            {"fn_name": "f", "inputs": [1], "outputs": [1]},
            "inputs[0]: must be an array, is a number",
        ),
        (
            {"fn_name": 5, "inputs": [[1]], "outputs": [1]},
            "fn_name: must be a string, is a number",
        ),
    ],
)
def test_broken_cases_are_named_with_folder_and_field(
    tmp_path: Path, cases: object, complaint: str
):
    folder = write_problem(tmp_path / "train" / "0042", cases)

    with pytest.raises(ProblemFormatError) as caught:
        load_problems(f"apps:{tmp_path}")

    assert str(folder) in str(caught.value)
    assert complaint in str(caught.value)


def test_directory_without_problems_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"no SPLIT/NNNN/question\.txt"):
        load_problems(f"apps:{tmp_path}")


def test_file_in_place_of_the_directory_is_refused(tmp_path: Path):
    file = tmp_path / "apps.jsonl"
    file.touch()

    with pytest.raises(UserError, match="needs a directory of problem folders"):
        load_problems(f"apps:{file}")
