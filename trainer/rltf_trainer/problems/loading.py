"""Finds the loader a spec names, and picks the split and the number of problems asked for."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from rltf_trainer.errors import UserError
from rltf_trainer.problems import apps, humaneval, jsonl, mbpp, starter
from rltf_trainer.problems.base import Problem

SPECS: Final = "mbpp[:PATH] | apps[:DIR] | humaneval[:PATH] | jsonl:PATH | starter"

_FROM_PATH: Final[dict[str, Callable[[Path], Iterator[Problem]]]] = {
    "mbpp": mbpp.load_file,
    "apps": apps.load_directory,
    "humaneval": humaneval.load_file,
    "jsonl": jsonl.load_file,
}
_FROM_HUB: Final[dict[str, Callable[[str | None], Iterator[Problem]]]] = {
    "mbpp": mbpp.load_hub,
    "apps": apps.load_hub,
    "humaneval": humaneval.load_hub,
}


def load_problems(
    spec: str, *, split: str | None = None, limit: int | None = None
) -> list[Problem]:
    """Gives the problems that ``spec`` names, in the order of their source.

    A file is read and checked whole, whatever ``limit`` says; of a directory or the hub only as
    much as is needed.

    Args:
        spec: ``mbpp[:PATH] | apps[:DIR] | humaneval[:PATH] | jsonl:PATH | starter``.
        split: Keep the problems of this split; None: all.
        limit: Keep the first so many of these; None: all.

    Returns:
        At least one problem; their ids differ.

    Raises:
        ProblemFormatError: A line or file is broken; says which file, line and field.
        UserError: The spec, the path, the split or the limit is none.
    """
    if limit is not None and limit < 1:
        raise UserError(f"limit: {limit} is not at least 1")
    splits: set[str] = set()
    chosen = list(islice(_of_split(_open(spec, split), split, splits), limit))
    if not chosen and splits:
        raise UserError(f"split: {split!r} is not in {spec}, which has {', '.join(sorted(splits))}")
    if not chosen:
        raise UserError(f"problems: {spec} holds no problem")
    return chosen


def _of_split(
    problems: Iterable[Problem], split: str | None, splits: set[str]
) -> Iterator[Problem]:
    for problem in problems:
        splits.add(problem.split)
        if split is None or problem.split == split:
            yield problem


def _open(spec: str, split: str | None) -> Iterable[Problem]:
    name, colon, location = spec.partition(":")
    if name == "starter" and not colon:
        return starter.load()
    if name in _FROM_PATH and location:
        path = Path(location).expanduser()
        if not path.exists():
            raise UserError(f"problems: {path}: no such file or directory")
        problems = _FROM_PATH[name](path)
        return list(problems) if path.is_file() else problems
    if name in _FROM_HUB and not colon:
        return _FROM_HUB[name](split)
    raise UserError(f"problems: {spec!r} is not one of {SPECS}")
