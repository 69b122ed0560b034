"""The programs that are measured, each with the verdict a grader owes it.

Sixty short and right ones, twenty of each kind of test: what is measured is what a grader adds to a
program, not the program. Or these mixed with wrong and slow ones, as a policy in training writes
them; or the references of MBPP.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rltf_executor.schema import AssertTest, CallTest, StdioTest, Submission, Test, Verdict

SHORT_PROGRAMS: Final = Path(__file__).with_name("short_programs.jsonl")
MIXED_PROGRAMS: Final = Path(__file__).with_name("mixed_programs.jsonl")


@dataclass(frozen=True, slots=True)
class Case:
    """A program and its verdict."""

    program: Submission
    verdict: Verdict = Verdict.PASSED


def short_programs() -> list[Submission]:
    """Gives the sixty, the three kinds in turn."""
    lines = SHORT_PROGRAMS.read_text("utf-8").splitlines()
    return [Submission.model_validate_json(line) for line in lines]


def short_cases() -> list[Case]:
    """Gives the sixty as cases."""
    return [Case(program) for program in short_programs()]


def mixed_cases() -> list[Case]:
    """Gives the sixty and the wrong and slow ones, spread so that any stretch is a fair sample."""
    groups: dict[str, list[Case]] = {"short": short_cases()}
    for line in MIXED_PROGRAMS.read_text("utf-8").splitlines():
        entry = json.loads(line)
        case = Case(Submission.model_validate(entry["submission"]), Verdict(entry["verdict"]))
        groups.setdefault(case.verdict, []).append(case)
    placed = [
        ((number + 0.5) / len(group), case)
        for group in groups.values()
        for number, case in enumerate(group)
    ]
    return [case for _, case in sorted(placed, key=lambda entry: entry[0])]


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


def copies(cases: Sequence[Case], count: int) -> Iterator[Case]:
    """Repeats cases up to ``count``; each copy has its own comment, so that no cache answers."""
    for number in range(count):
        case = cases[number % len(cases)]
        source = f"{case.program.source}\n# {number}\n"
        yield Case(case.program.model_copy(update={"source": source}), case.verdict)


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
