"""Our own JSON Lines format, one problem a line; ``docs/problems.md`` describes its fields."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rltf_executor.schema import MAX_SOURCE_BYTES, MAX_TESTS, Checker, Limits, Test, Text
from rltf_trainer.problems.base import Problem
from rltf_trainer.problems.calls import is_json
from rltf_trainer.problems.records import Record, read_records

NUM_SHOWN: Final = 3  # asserts shown in the prompt where the line does not say which


class ProblemLine(BaseModel):
    """Fields of one line; what grades a program is spelt as in a submission to the executor."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=200)
    statement: str = Field(min_length=1)
    tests: list[Test] = Field(min_length=1, max_length=MAX_TESTS)
    split: str = Field(default="train", min_length=1, max_length=100)
    reference: Text | None = None
    prelude: Text = ""
    setup: Text = ""
    starter_code: str = ""
    entry_point: str | None = None
    shown_tests: list[str] | None = None
    difficulty: str | None = None
    limits: Limits = Limits()
    checker: Checker | None = None


def load_file(path: Path) -> Iterator[Problem]:
    """Gives the problems of a file, plain or gzip.

    Raises:
        ProblemFormatError: A line is broken, or its id stands on an earlier line too.
    """
    places: dict[str, str] = {}
    for record in read_records(path):
        line = _validated(record)
        if line.id in places:
            raise record.fault("id", f"{line.id!r} is already at {places[line.id]}")
        places[line.id] = record.place
        yield _problem(line)


def _validated(record: Record) -> ProblemLine:
    try:
        line = ProblemLine.model_validate(dict(record.fields), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        value = first["input"]
        is_short = value is None or isinstance(value, bool | int | float | str)
        found = f", is {json.dumps(value)[:60]}" if is_short else ""
        raise record.fault(_field(first["loc"]), f"{first['msg']}{found}") from error
    for field in ("reference", "prelude", "setup"):
        size = len((getattr(line, field) or "").encode("utf-8", "surrogatepass"))
        if size > MAX_SOURCE_BYTES:
            raise record.fault(field, f"{size} bytes are more than {MAX_SOURCE_BYTES}")
    for index, test in enumerate(line.tests):
        if test.kind == "call" and not is_json([test.args, test.kwargs, test.expected]):
            raise record.fault(
                f"tests[{index}]",
                "JSON cannot carry NaN, Infinity or integers above 4300 digits; use an assert",
            )
    return line


def _field(location: tuple[int | str, ...]) -> str:
    """Gives ``tests[0].code`` for the location ``("tests", 0, "assert", "code")``."""
    kinds = {"stdio", "call", "assert"}
    name = ""
    for position, part in enumerate(location):
        if isinstance(part, int):
            name += f"[{part}]"
        elif not (position == 2 and part in kinds):
            name += f".{part}" if name else part
    return name


def _problem(line: ProblemLine) -> Problem:
    asserts = [test.code for test in line.tests if test.kind == "assert"]
    shown = asserts[:NUM_SHOWN] if line.shown_tests is None else line.shown_tests
    calls = (test.function for test in line.tests if test.kind == "call")
    return Problem(
        id=line.id,
        statement=line.statement,
        tests=tuple(line.tests),
        split=line.split,
        reference=line.reference,
        prelude=line.prelude,
        setup=line.setup,
        starter_code=line.starter_code,
        entry_point=line.entry_point or next(calls, None),
        shown_tests=tuple(shown),
        difficulty=line.difficulty,
        limits=line.limits,
        checker=line.checker,
    )
