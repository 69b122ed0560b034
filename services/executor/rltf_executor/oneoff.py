"""``rltf-executor run``: judges one program from a file and prints a table."""

import ast
import asyncio
import json
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from rltf_executor import sandbox
from rltf_executor.errors import ExecutorError
from rltf_executor.faults import describe_faults
from rltf_executor.judge import Judge
from rltf_executor.schema import (
    MAX_SOURCE_BYTES,
    AssertTest,
    ErrorInfo,
    ExecutionResult,
    Submission,
    TestResult,
    Verdict,
)
from rltf_executor.settings import Settings

_STYLES: Final = {Verdict.PASSED: "green", Verdict.SKIPPED: "dim"}
_MAX_CELL_CHARS: Final = 200
_MAX_ERROR_LINES: Final = 3


class InputError(ExecutorError):
    """A file that cannot be used; the message names it, the line or field, and the bound."""


def run(file: str, tests_file: str | None, settings: Settings, *, as_json: bool) -> int:
    """Judges ``file``; gives 0 if it passed and 1 if not.

    Raises:
        InputError: A file is missing or malformed.
        SandboxUnavailableError: This host has no sandbox of the kind asked for.
    """
    submission = read_submission(
        Path(file), None if tests_file is None else Path(tests_file), settings
    )
    result = asyncio.run(_judge(submission, settings))
    console = Console(soft_wrap=True, highlight=False)
    if as_json:
        console.out(result.model_dump_json(indent=2), highlight=False)
    else:
        _print(console, submission, result, file)
    return 0 if result.verdict is Verdict.PASSED else 1


def read_submission(program: Path, tests: Path | None, settings: Settings) -> Submission:
    """Gives the submission made of a program and its tests.

    Raises:
        InputError: A file is missing or malformed.
    """
    fields: dict[str, Any] = {} if tests is None else _read_tests(tests)
    fields["source"] = _read(program, max_bytes=MAX_SOURCE_BYTES)
    bound = settings.sandbox.memory_mb
    try:
        return Submission.model_validate(fields, strict=True, context={"max_memory_mb": bound})
    except ValidationError as error:
        faults = describe_faults(error, Submission, maxima={"memory_mb": bound})
        raise InputError(
            "\n".join(f"{tests or program}: {fault.message}" for fault in faults)
        ) from None


def _read(path: Path, *, max_bytes: int | None = None) -> str:
    try:
        content = path.read_bytes()
        if max_bytes is not None and len(content) > max_bytes:
            raise InputError(f"{path}: {len(content)} bytes is more than {max_bytes}")
        return content.decode("utf-8")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: invalid UTF-8 at byte {error.start}") from None


def _read_tests(path: Path) -> dict[str, Any]:
    text = _read(path)
    if path.suffix == ".py":
        return {"tests": split_asserts(text, str(path))}
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}:{error.colno}: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: {type(error).__name__}") from None
    if isinstance(data, list):
        return {"tests": data}
    if not isinstance(data, dict):
        raise InputError(f"{path}: neither an array of tests nor an object with tests")
    return {**data}


def split_asserts(text: str, name: str) -> list[AssertTest]:
    """Gives one test for every top-level assert, each with all other statements before it.

    Statements after the last assert that call something (``check(add)``) make one more test.

    Raises:
        InputError: ``text`` is no Python.
    """
    try:
        statements = ast.parse(text, name).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        raise InputError(f"{name}:{line}: {error}") from None
    lead: list[str] = []
    codes: list[str] = []
    calls_something = False
    for statement in statements:
        code = ast.get_source_segment(text, statement) or ast.unparse(statement)
        if isinstance(statement, ast.Assert):
            codes.append("\n".join([*lead, code]))
            calls_something = False
        else:
            lead.append(_with_decorators(text, statement, code))
            calls_something |= isinstance(statement, ast.Expr) and isinstance(
                statement.value, ast.Call
            )
    if calls_something:
        codes.append("\n".join(lead))
    return [AssertTest(kind="assert", code=code) for code in codes]


def _with_decorators(text: str, statement: ast.stmt, code: str) -> str:
    """``get_source_segment`` leaves decorators out."""
    return ast.unparse(statement) if getattr(statement, "decorator_list", None) else code


async def _judge(submission: Submission, settings: Settings) -> ExecutionResult:
    alone = settings.pool.model_copy(update={"size": 1})
    pool = await sandbox.open_pool(settings.model_copy(update={"pool": alone}))
    try:
        return await Judge(pool).judge(submission)
    finally:
        await pool.close(0.0)


def _print(console: Console, submission: Submission, result: ExecutionResult, file: str) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("test", "kind", "verdict", "error", "line", "ms"):
        table.add_column(heading, justify="right" if heading in ("test", "line", "ms") else "left")
    for test in result.tests:
        table.add_row(*_row(submission, test))
    console.print(table)
    if result.error is not None and result.error.source_line is not None:
        console.print()
        _print_place(console, result.error, file)
    isolation = result.isolation
    console.print()
    console.print(
        Line(result.verdict, style=_STYLES.get(result.verdict, "red")),
        f"· {result.passed} of {result.total} passed · {result.timing.total_ms:.1f} ms ·",
        f"{isolation.backend}, {isolation.runtime}, {isolation.level}",
    )


def _row(submission: Submission, test: TestResult) -> tuple[str | Line, ...]:
    kind = submission.tests[test.index].kind if test.index < len(submission.tests) else "run"
    error = test.error
    what = "" if error is None else f"{error.type}: {error.message}".removesuffix(": ")
    return (
        str(test.index),
        kind,
        Line(test.verdict, style=_STYLES.get(test.verdict, "red")),
        Line(what.replace("\n", " ")[:_MAX_CELL_CHARS]),
        "" if error is None or error.line is None else str(error.line),
        f"{test.wall_ms:.1f}",
    )


def _print_place(console: Console, error: ErrorInfo, file: str) -> None:
    source_line = (error.source_line or "").replace("\t", " ")
    console.print(Line(f"{file}:{error.line}: {error.type}", style="bold"))
    console.print(Line(f"    {source_line[:_MAX_CELL_CHARS]}"))
    if error.column is not None:
        width = (
            (error.end_column or error.column + 1) - error.column
            if error.end_line == error.line
            else 1
        )
        console.print(Line("    " + " " * (error.column - 1) + "^" * max(1, width), style="red"))
