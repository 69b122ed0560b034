"""The starter set: small problems written for this project, for models from 135 M parameters on.

``train.toml`` and ``validation.toml`` hold one table a problem: ``id``; ``level`` from 1 (one
expression) to 5 (a short algorithm); ``statement``; ``starter_code``; ``reference``, a solution;
``wrong``, programs that must not pass; and one of ``tests`` (expressions that must be true),
``calls`` (arguments and answers) and ``stdio`` (stdin and stdout).
"""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rltf_executor.schema import AssertTest, CallTest, Limits, StdioTest, Test
from rltf_trainer.problems.base import Problem
from rltf_trainer.problems.calls import python_literal

SPLITS: Final = ("train", "validation")
NUM_SHOWN: Final = 3

# A reference takes milliseconds; an endless loop should not cost a training step ten seconds.
_LIMITS: Final = Limits(wall_s=2.0, cpu_s=2.0, memory_mb=256, output_kb=256, total_s=10.0)


def _program(text: object) -> object:
    """Gives a program without the line break that closes its string in the file."""
    return text.rstrip("\n") + "\n" if isinstance(text, str) else text


Program = Annotated[str, BeforeValidator(_program)]


class Call(BaseModel):
    """Arguments of the function, and what it returns for them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    args: list[Any]
    expected: Any


class Stdio(BaseModel):
    """What a program reads, and what it prints then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stdin: str
    stdout: str


class StarterProblem(BaseModel):
    """One table of the files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    level: int = Field(ge=1, le=5)
    statement: str
    starter_code: str = ""
    tests: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    stdio: tuple[Stdio, ...] = ()
    reference: Program
    wrong: tuple[Program, ...]

    @property
    def entry_point(self) -> str | None:
        """Name of the function, None for a program."""
        return None if self.stdio else self.starter_code.removeprefix("def ").partition("(")[0]


def load() -> Iterator[Problem]:
    """Gives all problems, the train split first, each split from the easiest on."""
    for split in SPLITS:
        for starter in read_split(split):
            yield _problem(starter, split)


def read_split(split: str) -> tuple[StarterProblem, ...]:
    """Gives the tables of a split, with the wrong programs that ``Problem`` has no place for."""
    text = files(__name__).joinpath(f"{split}.toml").read_text(encoding="utf-8")
    return tuple(StarterProblem.model_validate(table) for table in tomllib.loads(text)["problem"])


def _problem(starter: StarterProblem, split: str) -> Problem:
    tests: list[Test] = []
    shown: list[str] = []
    for expression in starter.tests:
        shown.append(f"assert {expression}")
        tests.append(AssertTest(kind="assert", code=shown[-1]))
    for call in starter.calls:
        function = starter.entry_point or ""
        arguments = ", ".join(map(python_literal, call.args))
        shown.append(f"assert {function}({arguments}) == {python_literal(call.expected)}")
        tests.append(
            CallTest(kind="call", function=function, args=call.args, expected=call.expected)
        )
    for run in starter.stdio:
        tests.append(StdioTest(kind="stdio", stdin=run.stdin, expected_stdout=run.stdout))
    return Problem(
        id=f"starter/{starter.id}",
        statement=starter.statement + _example(starter),
        tests=tuple(tests),
        split=split,
        reference=starter.reference,
        starter_code=starter.starter_code,
        entry_point=starter.entry_point,
        shown_tests=tuple(shown[:NUM_SHOWN]),
        difficulty=str(starter.level),
        limits=_LIMITS,
    )


def _example(starter: StarterProblem) -> str:
    """Gives one input and its output for the statement; the longest output says most."""
    if not starter.stdio:
        return ""
    shown = max(starter.stdio[:NUM_SHOWN], key=lambda run: len(run.stdout))
    return f"\n\nFor the input\n{shown.stdin}the output is\n{shown.stdout.rstrip()}"
