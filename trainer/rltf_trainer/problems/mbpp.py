"""MBPP (Austin et al. 2021, CC BY 4.0): one sentence, three asserts, one short function."""

import ast
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rltf_executor.schema import AssertTest
from rltf_trainer.problems.base import Problem
from rltf_trainer.problems.hub import hub_records
from rltf_trainer.problems.records import Record, read_records

NUM_TASKS: Final = 974
_SPLITS: Final = {
    "prompt": range(1, 11),
    "test": range(11, 511),
    "validation": range(511, 601),
    "train": range(601, NUM_TASKS + 1),
}


def load_file(path: Path) -> Iterator[Problem]:
    """Gives the problems of ``mbpp.jsonl``, plain or gzip, with the standard splits."""
    return _problems(read_records(path))


def load_hub(split: str | None) -> Iterator[Problem]:
    """Gives the problems of the hub's copy; those of ``split`` alone if it is one of the four."""
    for hub_split in [split] if split in _SPLITS else list(_SPLITS):
        yield from _problems(
            hub_records(
                "google-research-datasets/mbpp",
                name="full",
                split=str(hub_split),
                alternative="mbpp:PATH",
            )
        )


def split_of(task_id: int) -> str | None:
    """Gives the standard split of a task, None if its number is not in 1..974."""
    return next((split for split, tasks in _SPLITS.items() if task_id in tasks), None)


def _problems(records: Iterator[Record]) -> Iterator[Problem]:
    places: dict[int, str] = {}
    for record in records:
        task_id = record.integer("task_id")
        if task_id in places:
            raise record.fault("task_id", f"{task_id} is already at {places[task_id]}")
        places[task_id] = record.place
        yield _problem(record, task_id)


def _problem(record: Record, task_id: int) -> Problem:
    split = split_of(task_id)
    if split is None:
        raise record.fault("task_id", f"{task_id} is not in 1..{NUM_TASKS}")
    shown = tuple(map(_unix_lines, record.texts("test_list", minimum=1)))
    challenges = tuple(map(_unix_lines, record.texts("challenge_test_list")))
    reference = _unix_lines(record.text("code"))
    return Problem(
        id=f"mbpp/{task_id}",
        statement=_unix_lines(record.text("text")).strip(),
        tests=tuple(AssertTest(kind="assert", code=code) for code in shown + challenges),
        split=split,
        reference=reference,
        setup=_unix_lines(record.text("test_setup_code", "")),
        entry_point=called_function(shown[0], reference),
        shown_tests=shown,
    )


def called_function(test: str, program: str) -> str | None:
    """Gives the function of ``program`` that ``test`` calls first; None: none, or no parse."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of invalid escapes in the data
            test_tree, tree = ast.parse(test), ast.parse(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    called = (
        node.func.id
        for node in ast.walk(test_tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )
    return next((name for name in called if name in defined), None)


def _unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")  # Python reads both as one line end
