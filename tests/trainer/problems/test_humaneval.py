import pytest

from rltf_executor.schema import AssertTest
from rltf_trainer.errors import ProblemFormatError
from rltf_trainer.problems import load_problems
from rltf_trainer.problems.humaneval import split_check

PROMPT = '''from typing import List


def half(n: int) -> int:
    return n // 2


def total(values: List[int]) -> int:
    """ Add all values.
    >>> total([1, 2])
    3
    """
'''


def row(**changes: object) -> dict[str, object]:
    return {
        "task_id": "HumanEval/901",
        "prompt": PROMPT,
        "entry_point": "total",
        "canonical_solution": "    return sum(values)\n",
        "test": (
            "def check(candidate):\n    assert candidate([1]) == 1\n    assert candidate([]) == 0\n"
        ),
    } | changes


def test_row_becomes_a_problem(write_lines):
    (problem,) = load_problems(f"humaneval:{write_lines([row()])}")

    assert problem.id == "humaneval/901"
    assert problem.split == "test"
    assert problem.entry_point == "total"
    assert problem.reference == PROMPT + "    return sum(values)\n"
    assert problem.starter_code == PROMPT
    assert [test.code for test in problem.tests if isinstance(test, AssertTest)] == [
        "candidate = total\nassert candidate([1]) == 1",
        "candidate = total\nassert candidate([]) == 0",
    ]


def test_what_stands_before_the_function_is_the_prelude(write_lines):
    (problem,) = load_problems(f"humaneval:{write_lines([row()])}")

    assert problem.prelude == PROMPT[: PROMPT.index("def total")]


def test_statements_before_an_assert_go_with_it():
    check = """
METADATA = {"author": "us"}
import math
LIMIT = 5

def check(candidate):
    first = [1,
             2]
    assert candidate(first) == 3
    text = '''a
    b'''
    assert candidate(text, LIMIT) == math.pi, "message"
"""

    first, second = split_check(check, "f")

    assert first == (
        "import math\nLIMIT = 5\ncandidate = f\nfirst = [1,\n         2]\n"
        "assert candidate(first) == 3"
    )
    namespace: dict[str, object] = {"f": lambda *args: args}
    exec(second.replace("assert ", "got = "), namespace)
    assert second.splitlines()[-1] == 'assert candidate(text, LIMIT) == math.pi, "message"'
    assert namespace["text"] == "a\n    b"


def test_asserts_that_always_hold_are_left_out():
    check = (
        "def check(candidate):\n"
        '    assert True, "fine"\n'
        "    assert candidate(1) == 2\n"
        "    assert 1\n"
    )

    assert split_check(check, "f") == ("candidate = f\nassert candidate(1) == 2",)


@pytest.mark.parametrize(
    "body",
    [
        "    for i in range(3):\n        assert candidate(i) == i\n",
        "    if candidate(0):\n        return\n    assert candidate(1) == 2\n",
        "    def inner():\n        assert candidate(1)\n    inner()\n",
        "    pass\n",
        "    assert True\n",
        "    global counter\n    counter = 1\n    assert candidate(1) == counter\n",
    ],
)
def test_check_with_more_than_plain_asserts_stays_whole(body: str):
    check = f"def check(candidate):\n{body}"

    assert split_check(check, "f") == (f"{check.rstrip()}\n\ncheck(f)\n",)


@pytest.mark.parametrize(
    "check",
    [
        "def check(candidate:\n",
        "def check(candidate, *more):\n    assert candidate(1)\n",
        "def verify(candidate):\n    assert candidate(1)\n",
        "",
    ],
)
def test_what_is_no_plain_check_stays_whole(check: str):
    (test,) = split_check(check, "f")

    assert test.endswith("check(f)\n")


def test_parameter_may_have_another_name():
    assert split_check("def check(g):\n    assert g(1) == 2\n", "f") == ("g = f\nassert g(1) == 2",)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"entry_point": "other"}, "prompt: does not define the entry_point 'other'"),
        ({"entry_point": "a b"}, "entry_point: 'a b' is no name of a function"),
        ({"test": None}, "test: is missing"),
        ({"task_id": "HumanEval/901", "prompt": 5}, "prompt: must be a string"),
    ],
)
def test_broken_row_is_named_with_its_line_and_field(write_lines, changes, complaint: str):
    path = write_lines([row(task_id="HumanEval/1"), row(**changes)])

    with pytest.raises(ProblemFormatError) as caught:
        load_problems(f"humaneval:{path}")

    assert f"{path}:2: {complaint}" in str(caught.value)


def test_same_task_twice_is_refused(write_lines):
    path = write_lines([row(), row()])

    with pytest.raises(
        ProblemFormatError, match=r":2: task_id: 'HumanEval/901' is already at .*:1"
    ):
        load_problems(f"humaneval:{path}")
