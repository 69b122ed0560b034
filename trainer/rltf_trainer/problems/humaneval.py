"""HumanEval (Chen et al. 2021): a signature and docstring, and asserts in ``check(candidate)``."""

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rltf_executor.schema import AssertTest
from rltf_trainer.problems.base import Problem
from rltf_trainer.problems.hub import hub_records
from rltf_trainer.problems.records import Record, read_records

SPLIT: Final = "test"

# Statements after which the rest of a function depends on more than the names assigned so far.
_NOT_STRAIGHT: Final = (
    ast.Assert,
    ast.Await,
    ast.Global,
    ast.Nonlocal,
    ast.Return,
    ast.Yield,
    ast.YieldFrom,
)


def load_file(path: Path) -> Iterator[Problem]:
    """Gives the problems of ``HumanEval.jsonl`` or ``.jsonl.gz``; all are of the split ``test``."""
    return _problems(read_records(path))


def load_hub(split: str | None) -> Iterator[Problem]:
    """Gives the problems of the hub's copy, which has one split."""
    del split
    return _problems(
        hub_records("openai/openai_humaneval", split=SPLIT, alternative="humaneval:PATH")
    )


def _problems(records: Iterator[Record]) -> Iterator[Problem]:
    places: dict[str, str] = {}
    for record in records:
        task_id = record.text("task_id")
        if task_id in places:
            raise record.fault("task_id", f"{task_id!r} is already at {places[task_id]}")
        places[task_id] = record.place
        yield _problem(record, task_id)


def _problem(record: Record, task_id: str) -> Problem:
    prompt = record.text("prompt").replace("\r\n", "\n")
    entry_point = record.text("entry_point")
    if not entry_point.isidentifier():
        raise record.fault("entry_point", f"{entry_point!r} is no name of a function")
    start = re.search(rf"^(async +)?def +{re.escape(entry_point)}\b", prompt, re.MULTILINE)
    if start is None:
        raise record.fault("prompt", f"does not define the entry_point {entry_point!r}")
    solution = record.text("canonical_solution", "").replace("\r\n", "\n")
    test = record.text("test").replace("\r\n", "\n")
    return Problem(
        id=f"humaneval/{task_id.rpartition('/')[2]}",
        statement="Complete this function.",
        tests=tuple(
            AssertTest(kind="assert", code=code) for code in split_check(test, entry_point)
        ),
        split=SPLIT,
        reference=prompt + solution if solution else None,
        prelude=prompt[: start.start()],  # imports and functions the docstring takes for granted
        starter_code=prompt.strip("\n") + "\n",
        entry_point=entry_point,
    )


def split_check(test: str, entry_point: str) -> tuple[str, ...]:
    """Gives one test for each assert of ``check``, so that each answer can be compared on its own.

    Each test binds ``candidate`` and repeats the statements before its assert. Asserts that always
    hold are left out. A check in which an assert depends on a branch, a loop or a ``return`` stays
    one test that calls it.

    Args:
        test: Source that defines ``check(candidate)``.
        entry_point: Name of the function under test.
    """
    whole = (f"{test.rstrip()}\n\ncheck({entry_point})\n",)
    try:
        with warnings.catch_warnings(action="ignore"):
            module = ast.parse(test)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return whole
    checks = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    if len(checks) != 1 or checks[0].name != "check" or not _is_straight(checks[0]):
        return whole
    check = checks[0]
    leading = [_source(test, node) for node in module.body if _is_needed(node, check)]
    parameter = check.args.args[0].arg
    leading.append(f"{parameter} = {entry_point}")
    tests = []
    for statement in check.body:
        if not isinstance(statement, ast.Assert):
            leading.append(_source(test, statement))
        elif not (isinstance(statement.test, ast.Constant) and statement.test.value):
            tests.append("\n".join([*leading, _source(test, statement)]))
    return tuple(tests) or whole


def _is_straight(check: ast.FunctionDef) -> bool:
    """True if ``check`` takes one argument and runs its asserts one after the other."""
    arguments = check.args
    one = len(arguments.args) == 1 and not (
        arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg or arguments.kwarg
    )
    return one and not any(
        isinstance(node, _NOT_STRAIGHT)
        for statement in check.body
        for node in ([] if isinstance(statement, ast.Assert) else ast.walk(statement))
    )


def _is_needed(statement: ast.stmt, check: ast.FunctionDef) -> bool:
    """True for what around ``check`` may matter to it: all but itself and unused assignments."""
    if statement is check:
        return False
    if not isinstance(statement, ast.Assign):
        return True
    used = {node.id for node in ast.walk(check) if isinstance(node, ast.Name)}
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return bool(names & used)


def _source(test: str, statement: ast.stmt) -> str:
    """Gives a statement moved to the left margin; reprinted where that would change a string."""
    segment = ast.get_source_segment(test, statement) or ""
    indent = " " * statement.col_offset
    dedented = "\n".join(
        line.removeprefix(indent) if number else line
        for number, line in enumerate(segment.split("\n"))
    )
    try:
        same = ast.dump(ast.parse(dedented).body[0]) == ast.dump(statement)
    except (SyntaxError, IndexError):
        same = False
    return dedented if same else ast.unparse(statement)
