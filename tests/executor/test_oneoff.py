import json
from pathlib import Path
from typing import Any

import pytest

from rltf_executor.oneoff import InputError, read_submission, split_asserts
from rltf_executor.schema import AssertTest
from rltf_executor.settings import Settings


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text("def add(a, b):\n    return a + b\n")
    return path


def written(tmp_path: Path, content: Any, name: str = "tests.json") -> Path:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def refusal(program: Path, tests: Path | None) -> str:
    with pytest.raises(InputError) as caught:
        read_submission(program, tests, Settings())
    return str(caught.value)


def test_tests_may_be_an_array_or_a_submission_without_its_source(tmp_path: Path, program: Path):
    tests = [{"kind": "call", "function": "add", "args": [1, 2], "expected": 3}]
    array = read_submission(program, written(tmp_path, tests), Settings())
    fields = {"tests": tests, "setup": "x = 1", "limits": {"wall_s": 2}}
    whole = read_submission(program, written(tmp_path, fields), Settings())

    assert array.source == whole.source == program.read_text()
    assert array.tests == whole.tests
    assert (whole.setup, whole.limits.wall_s) == ("x = 1", 2.0)


def test_without_tests_the_program_is_run_once(program: Path):
    assert read_submission(program, None, Settings()).tests == []


def test_each_assert_is_a_test_with_all_other_statements_before_it():
    text = "import math\nx = 3\nassert f(x) == 1\ny = 4\nassert g(x, y), 'why'\n"

    assert [test.code for test in split_asserts(text, "t.py")] == [
        "import math\nx = 3\nassert f(x) == 1",
        "import math\nx = 3\ny = 4\nassert g(x, y), 'why'",
    ]


def test_a_check_function_that_is_called_at_the_end_is_a_test():
    text = "def check(f):\n    assert f(1) == 1\n\ncheck(add)\n"

    assert [test.code for test in split_asserts(text, "t.py")] == [
        "def check(f):\n    assert f(1) == 1\ncheck(add)"
    ]


def test_decorators_stay_with_what_they_decorate():
    (test,) = split_asserts("@cache\ndef f():\n    pass\nassert f() is None\n", "t.py")

    assert test.code.startswith("@cache\ndef f():")


def test_python_tests_are_read_by_their_ending(tmp_path: Path, program: Path):
    tests = written(tmp_path, "assert add(1, 2) == 3\n", "tests.py")

    assert read_submission(program, tests, Settings()).tests == [
        AssertTest(kind="assert", code="assert add(1, 2) == 3")
    ]


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ('[{"kind": "call",}]', "t.json", "t.json:1:18: "),
        ("assert (", "t.py", "t.py:1: "),
        ([{"kind": "unit"}], "t.json", 't.json: tests[0].kind: "unit" is not one of'),
        ({"limits": {"wall_s": 0}}, "t.json", "t.json: limits.wall_s: 0 is not in 0.05..120"),
        ({"tets": []}, "t.json", "t.json: tets: is no field; did you mean tests?"),
        (5, "t.json", "t.json: neither an array of tests nor an object"),
        ("[" * 100_000, "t.json", "t.json: RecursionError"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_fault(
    content: Any, name: str, message: str, tmp_path: Path, program: Path
):
    assert message in refusal(program, written(tmp_path, content, name))


def test_a_program_that_cannot_be_read_is_named(tmp_path: Path):
    path = tmp_path / "p.py"
    assert refusal(path, None) == f"{path}: No such file or directory"
    path.write_bytes(b"x = '\xff'")
    assert refusal(path, None) == f"{path}: invalid UTF-8 at byte 5"
    path.write_bytes(b"#" * 1_500_001)
    assert refusal(path, None) == f"{path}: 1500001 bytes is more than 1500000"
