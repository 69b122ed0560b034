import gzip
import json
from pathlib import Path

import pytest

from rltf_executor.schema import AssertTest
from rltf_trainer.errors import ProblemFormatError
from rltf_trainer.problems import load_problems
from rltf_trainer.problems.mbpp import called_function, split_of


def row(task_id: int, **changes: object) -> dict[str, object]:
    return {
        "task_id": task_id,
        "text": "Write a function to add one to a number.",
        "code": "def plus_one(n):\r\n    return n + 1\r",
        "test_list": [
            "assert plus_one(1) == 2",
            "assert plus_one(0) == 1",
            "assert plus_one(-1) == 0",
        ],
        "test_setup_code": "",
        "challenge_test_list": [],
    } | changes


@pytest.mark.parametrize(
    ("task_id", "split"),
    [
        (0, None),
        (1, "prompt"),
        (10, "prompt"),
        (11, "test"),
        (510, "test"),
        (511, "validation"),
        (600, "validation"),
        (601, "train"),
        (974, "train"),
        (975, None),
    ],
)
def test_splits_are_the_standard_ones(task_id: int, split: str | None):
    assert split_of(task_id) == split


def test_row_becomes_a_problem_without_carriage_returns(write_lines):
    path = write_lines([row(601)])

    (problem,) = load_problems(f"mbpp:{path}")

    assert problem.id == "mbpp/601"
    assert problem.split == "train"
    assert problem.reference == "def plus_one(n):\n    return n + 1\n"
    assert problem.entry_point == "plus_one"
    assert [test.code for test in problem.tests if isinstance(test, AssertTest)] == list(
        problem.shown_tests
    )
    assert not problem.is_stdio


def test_challenge_tests_grade_but_are_not_shown(write_lines):
    path = write_lines([row(11, challenge_test_list=["assert plus_one(10**30) == 10**30 + 1"])])

    (problem,) = load_problems(f"mbpp:{path}")

    assert len(problem.tests) == 4
    assert len(problem.shown_tests) == 3


def test_setup_code_is_the_setup(write_lines):
    path = write_lines([row(11, test_setup_code="root = Node(1)\r\nroot.left = Node(2)")])

    (problem,) = load_problems(f"mbpp:{path}")

    assert problem.setup == "root = Node(1)\nroot.left = Node(2)"
    assert problem.prelude == ""


def test_split_and_limit_choose_in_order(write_lines):
    path = write_lines([row(3), row(601), row(700), row(650)])

    chosen = load_problems(f"mbpp:{path}", split="train", limit=2)

    assert [problem.id for problem in chosen] == ["mbpp/601", "mbpp/700"]


def test_gzip_is_read_too(tmp_path: Path):
    path = tmp_path / "mbpp.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(row(5)).encode()))

    assert [problem.id for problem in load_problems(f"mbpp:{path}")] == ["mbpp/5"]


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (row(975), "task_id: 975 is not in 1..974"),
        (row(11), "task_id: 11 is already at"),
        (row(12, text=None), "text: is missing, must be a string"),
        (row(12, code=7), "code: must be a string, is a number"),
        (row(12, test_list=[]), "test_list: 0 items are not in 1..1000"),
        (row(12, test_list=["assert f()", None]), "test_list[1]: must be a string, is null"),
        (row(12) | {"task_id": "12"}, "task_id: must be an integer, is a string"),
        (row(12) | {"task_id": True}, "task_id: must be an integer, is a boolean"),
    ],
)
def test_broken_row_is_named_with_its_line_and_field(write_lines, broken, complaint: str):
    path = write_lines([row(11), broken])

    with pytest.raises(ProblemFormatError) as caught:
        load_problems(f"mbpp:{path}")

    assert f"{path}:2: {complaint}" in str(caught.value)


def test_entry_point_is_what_the_program_defines_not_a_builtin():
    test = "assert set(similar((1, 2), (2, 3))) == {2}"

    assert called_function(
        test, "def helper(): pass\ndef similar(a, b): return set(a) & set(b)"
    ) == ("similar")
    assert called_function(test, "def similar(:") is None
    assert called_function("assert True", "def similar(a): return a") is None
