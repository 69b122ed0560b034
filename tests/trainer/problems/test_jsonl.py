import json
from pathlib import Path

import pytest

from rltf_executor.schema import AssertTest, CallTest, Checker, Limits, StdioTest
from rltf_trainer.errors import ProblemFormatError, UserError
from rltf_trainer.problems import load_problems
from rltf_trainer.problems.records import MAX_LINE_BYTES

MINIMAL = {
    "id": "one",
    "statement": "Add.",
    "tests": [{"kind": "assert", "code": "assert add(1, 2) == 3"}],
}


def test_minimal_line_has_the_documented_defaults(write_lines):
    (problem,) = load_problems(f"jsonl:{write_lines([MINIMAL])}")

    assert problem.split == "train"
    assert problem.reference is None
    assert problem.entry_point is None
    assert problem.limits == Limits()
    assert problem.checker is None
    assert problem.shown_tests == ("assert add(1, 2) == 3",)


def test_every_field_arrives(write_lines):
    line = {
        "id": "two",
        "statement": "Add two numbers.",
        "tests": [
            {"kind": "call", "function": "add", "args": [1, 2], "expected": 3},
            {"kind": "stdio", "stdin": "1 2", "expected_stdout": "3"},
            {"kind": "assert", "code": "assert add(\ud800) == 1"},
        ],
        "split": "hard",
        "reference": "def add(a, b): return a + b",
        "prelude": "import math",
        "setup": "x = 1",
        "starter_code": "def add(a, b):",
        "entry_point": "plus",
        "shown_tests": [],
        "difficulty": "7",
        "limits": {"wall_s": 3, "memory_mb": 64},
        "checker": {"kind": "approx", "float_tolerance": 0.001},
    }

    (problem,) = load_problems(f"jsonl:{write_lines([line])}", split="hard")

    assert problem.tests == (
        CallTest(kind="call", function="add", args=[1, 2], expected=3),
        StdioTest(kind="stdio", stdin="1 2", expected_stdout="3"),
        AssertTest(kind="assert", code="assert add(\ud800) == 1"),
    )
    assert problem.reference == "def add(a, b): return a + b"
    assert (problem.prelude, problem.setup) == ("import math", "x = 1")
    assert (problem.starter_code, problem.entry_point) == ("def add(a, b):", "plus")
    assert (problem.shown_tests, problem.difficulty) == ((), "7")
    assert problem.limits == Limits(wall_s=3.0, memory_mb=64)
    assert problem.checker == Checker(kind="approx", float_tolerance=0.001)


def test_function_of_a_call_test_is_the_entry_point(write_lines):
    tests = [{"kind": "call", "function": "add", "args": [1, 2], "expected": 3}]

    (problem,) = load_problems(f"jsonl:{write_lines([MINIMAL | {'tests': tests}])}")

    assert problem.entry_point == "add"


def test_at_most_three_asserts_are_shown_by_default(write_lines):
    tests = [{"kind": "assert", "code": f"assert add({n}, 0) == {n}"} for n in range(5)]

    (problem,) = load_problems(f"jsonl:{write_lines([MINIMAL | {'tests': tests}])}")

    assert problem.shown_tests == tuple(test["code"] for test in tests[:3])


def test_submission_carries_everything_that_grades(write_lines):
    line = MINIMAL | {"prelude": "import math", "setup": "x = 1", "limits": {"wall_s": 2.0}}
    (problem,) = load_problems(f"jsonl:{write_lines([line])}")

    submission = problem.submission("def add(a, b): ...", id="7")

    assert submission.id == "7"
    assert submission.source == "def add(a, b): ..."
    assert submission.tests == list(problem.tests)
    assert (submission.prelude, submission.setup) == ("import math", "x = 1")
    assert submission.limits.wall_s == 2.0


def test_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path):
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(MINIMAL).encode() + b"\r\n\n   \n")

    assert len(load_problems(f"jsonl:{path}")) == 1


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "not JSON at column 2"),
        ('{"id": "x",}', "not JSON at column"),
        ("[1]", "must be an object, is an array"),
        ("7", "must be an object, is a number"),
        ("[" * 100_000, "nested too deep"),
        (MINIMAL | {"id": ""}, "id: String should have at least 1 character"),
        ({"id": "x", "statement": "y"}, "tests: Field required"),
        (MINIMAL | {"tests": []}, "tests: List should have at least 1 item"),
        (
            MINIMAL | {"tests": MINIMAL["tests"] * 1001},
            "tests: List should have at most 1000 items",
        ),
        (MINIMAL | {"tests": [{"kind": "quiz"}]}, "tests[0]: Input tag 'quiz'"),
        (MINIMAL | {"tests": [{"kind": "assert"}]}, "tests[0].code: Field required"),
        (
            MINIMAL | {"tests": [{"kind": "stdio", "expected_stdout": 3}]},
            "tests[0].expected_stdout:",
        ),
        (
            MINIMAL | {"limits": {"wall_s": 500}},
            "limits.wall_s: Input should be less than or equal to 120, is 500",
        ),
        (MINIMAL | {"limits": {"memory_mb": 4}}, "limits.memory_mb: Input should be greater than"),
        (MINIMAL | {"limits": {"wall_s": "5"}}, "limits.wall_s: Input should be a valid number"),
        (MINIMAL | {"statment": "typo"}, "statment: Extra inputs are not permitted"),
        (
            MINIMAL | {"reference": "#" * 1_500_001},
            "reference: 1500001 bytes are more than 1500000",
        ),
        (MINIMAL | {"id": "first"}, "id: 'first' is already at"),
        (
            '{"id": "x", "statement": "y", "tests": [{"kind": "call", "function": "f",'
            ' "args": [1], "expected": NaN}]}',
            "tests[0]: JSON cannot carry NaN, Infinity or integers above 4300 digits",
        ),
        (
            '{"id": "x", "statement": "y", "tests": [{"kind": "call", "function": "f",'
            ' "args": [' + "9" * 4301 + "]}]}",
            "tests[0]: JSON cannot carry NaN, Infinity or integers above 4300 digits",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_broken_line_is_named_with_file_line_field_and_bound(write_lines, line, complaint: str):
    path = write_lines([MINIMAL | {"id": "first"}, "", line])

    with pytest.raises(ProblemFormatError) as caught:
        load_problems(f"jsonl:{path}", limit=1)

    assert f"{path}:3: {complaint}" in str(caught.value)


def test_bytes_that_are_not_utf_8_are_named_with_their_line(tmp_path: Path):
    path = tmp_path / "p.jsonl"
    path.write_bytes(json.dumps(MINIMAL).encode() + b'\n{"id": "\xff"}\n')

    with pytest.raises(ProblemFormatError, match=r"p\.jsonl:2: byte 8 is not UTF-8"):
        load_problems(f"jsonl:{path}")


def test_line_above_the_bound_is_refused(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("rltf_trainer.problems.records.MAX_LINE_BYTES", 10)
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps(MINIMAL))

    with pytest.raises(ProblemFormatError, match=r"p\.jsonl:1: the line is above 10 bytes"):
        load_problems(f"jsonl:{path}")
    assert MAX_LINE_BYTES == 64 * 1024 * 1024


def test_file_that_is_no_gzip_is_refused(tmp_path: Path):
    path = tmp_path / "p.jsonl.gz"
    path.write_text(json.dumps(MINIMAL))

    with pytest.raises(UserError, match="cannot read"):
        load_problems(f"jsonl:{path}")
