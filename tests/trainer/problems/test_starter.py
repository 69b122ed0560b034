import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from rltf_trainer.problems import Problem, load_problems
from rltf_trainer.problems.starter import StarterProblem, read_split

# Grades programs of our own, all in one interpreter; test_starter_judged.py does so in the sandbox.
HARNESS: Final = """
import contextlib, io, json, sys

def passes(source, test):
    namespace = {"__name__": "__main__"}
    printed = io.StringIO()
    sys.stdin = io.StringIO(test.get("stdin", ""))
    try:
        with contextlib.redirect_stdout(printed):
            exec(source, namespace)
            if test["kind"] == "assert":
                exec(test["code"], namespace)
            elif test["kind"] == "call":
                return namespace[test["function"]](*test["args"]) == test["expected"]
    except Exception:
        return False
    return test["kind"] != "stdio" or printed.getvalue() == test["expected_stdout"]

items = json.load(sys.stdin)
print(json.dumps([sum(passes(item["source"], t) for t in item["tests"]) for item in items]))
"""


@pytest.fixture(scope="module")
def problems() -> list[Problem]:
    return load_problems("starter")


@pytest.fixture(scope="module")
def starters() -> dict[str, StarterProblem]:
    both = (*read_split("train"), *read_split("validation"))
    return {f"starter/{starter.id}": starter for starter in both}


def none_variant(starter: StarterProblem) -> str:
    """Gives a program with the right signature that answers nothing."""
    return "pass\n" if starter.stdio else f"{starter.starter_code}\n    return None\n"


def num_passed(programs: list[tuple[str, Problem]], folder: Path) -> list[int]:
    items = [
        {"source": source, "tests": [test.model_dump() for test in problem.tests]}
        for source, problem in programs
    ]
    run = subprocess.run(
        [sys.executable, "-I", "-c", HARNESS],
        input=json.dumps(items),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=folder,
    )
    return [int(number) for number in json.loads(run.stdout)]


def test_set_is_large_enough(problems: list[Problem]):
    splits = Counter(problem.split for problem in problems)
    kinds = Counter(problem.tests[0].kind for problem in problems)

    assert len(problems) >= 120
    assert splits["train"] >= 90
    assert splits["validation"] >= 30
    assert kinds["stdio"] >= 20
    assert kinds["call"] >= 20


def test_each_problem_has_a_reference_wrong_programs_and_five_different_tests(
    problems: list[Problem], starters: dict[str, StarterProblem]
):
    for problem in problems:
        assert problem.reference, problem.id
        assert len({test.model_dump_json() for test in problem.tests}) >= 5, problem.id
        assert len(set(starters[problem.id].wrong)) >= 2, problem.id
        assert len({test.kind for test in problem.tests}) == 1, problem.id


def test_ids_and_statements_differ(problems: list[Problem]):
    assert len({problem.id for problem in problems}) == len(problems)
    assert len({problem.statement for problem in problems}) == len(problems)


def test_functions_show_three_asserts_and_their_signature(problems: list[Problem]):
    for problem in problems:
        if not problem.is_stdio:
            assert problem.entry_point == problem.id.removeprefix("starter/")
            assert problem.starter_code.startswith(f"def {problem.entry_point}(")
            assert problem.starter_code in (problem.reference or "")
            assert len(problem.shown_tests) == 3


def test_programs_show_an_example_of_their_input_and_output(problems: list[Problem]):
    for problem in problems:
        if problem.is_stdio:
            assert problem.entry_point is None
            assert problem.shown_tests == ()
            assert "the output is" in problem.statement


def test_statements_are_short_and_most_problems_easy(problems: list[Problem]):
    assert max(len(problem.statement) for problem in problems) <= 400
    levels = Counter(problem.difficulty for problem in problems)
    assert set(levels) == {"1", "2", "3", "4", "5"}
    assert levels["1"] + levels["2"] + levels["3"] >= 0.75 * len(problems)


def test_both_splits_have_every_level_and_every_kind(problems: list[Problem]):
    for split in ("train", "validation"):
        chosen = [problem for problem in problems if problem.split == split]
        assert {problem.difficulty for problem in chosen} == {"1", "2", "3", "4", "5"}
        assert {problem.tests[0].kind for problem in chosen} == {"assert", "call", "stdio"}


def test_every_reference_passes_all_its_tests(problems: list[Problem], tmp_path: Path):
    passed = num_passed([(problem.reference or "", problem) for problem in problems], tmp_path)

    assert {
        problem.id: count
        for problem, count in zip(problems, passed, strict=True)
        if count != len(problem.tests)
    } == {}


def test_no_wrong_program_passes_all_tests(
    problems: list[Problem], starters: dict[str, StarterProblem], tmp_path: Path
):
    programs = [
        (source, problem)
        for problem in problems
        for source in (*starters[problem.id].wrong, none_variant(starters[problem.id]))
    ]

    passed = num_passed(programs, tmp_path)

    assert [
        (problem.id, source)
        for (source, problem), count in zip(programs, passed, strict=True)
        if count == len(problem.tests)
    ] == []
