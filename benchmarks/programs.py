"""The programs that are measured: sixty short ones with their tests, or the references of MBPP.

Short and right, twenty of each kind of test: what is measured is what a grader adds to a program,
not the program.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rltf_executor.schema import AssertTest, CallTest, StdioTest, Submission, Test

SHORT_PROGRAMS: Final = Path(__file__).with_name("short_programs.jsonl")


def short_programs() -> list[Submission]:
    """Gives the sixty, the three kinds in turn."""
    lines = SHORT_PROGRAMS.read_text("utf-8").splitlines()
    return [Submission.model_validate_json(line) for line in lines]


def mbpp_programs(path: Path) -> list[Submission]:
    """Gives the reference solutions of an ``mbpp.jsonl`` with their asserts."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [
        Submission(
            id=str(row["task_id"]),
            source=row["code"],
            setup=row["test_setup_code"],
            tests=[AssertTest(kind="assert", code=code) for code in row["test_list"]],
        )
        for row in rows
    ]


def copies(programs: list[Submission], count: int) -> Iterator[Submission]:
    """Repeats programs up to ``count``; each copy has its own comment, so that no cache answers."""
    for number in range(count):
        program = programs[number % len(programs)]
        yield program.model_copy(update={"source": f"{program.source}\n# {number}\n"})


def as_script(program: Submission) -> tuple[str, str, str | None]:
    """Gives a script that does the same work, its stdin, and the stdout it must have, if any."""
    (first, *_) = program.tests
    if isinstance(first, StdioTest):
        return program.source, first.stdin, first.expected_stdout
    lines = [program.source, program.setup, *map(_check, program.tests)]
    return "\n".join(lines), "", None


def _check(test: Test) -> str:
    if isinstance(test, AssertTest):
        return test.code
    assert isinstance(test, CallTest)  # noqa: S101 - stdio programs are scripts already
    call = f"(Solution().{test.function} if 'Solution' in globals() else {test.function})"
    return f"assert {call}(*{test.args!r}, **{test.kwargs!r}) == {test.expected!r}"
