"""APPS (Hendrycks et al. 2021): competition problems, graded through stdin and stdout or by calls.

A directory holds ``SPLIT/NNNN/``, or is one split itself. A problem folder holds ``question.txt``,
``input_output.json``, and perhaps ``solutions.json``, ``metadata.json``, ``starter_code.py``.
"""

import ast
import logging
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rltf_executor.schema import MAX_TESTS, Checker, Limits, StdioTest, Test
from rltf_trainer.errors import UserError
from rltf_trainer.problems.base import Problem
from rltf_trainer.problems.calls import call_test
from rltf_trainer.problems.hub import hub_records
from rltf_trainer.problems.records import Record, json_type, parse_json

logger = logging.getLogger(__name__)

HUB_REPOSITORY: Final = "codeparrot/apps"
_HUB_SPLITS: Final = ("train", "test")

# Names that solutions for judging sites take for granted; starter code uses List without an import.
PRELUDE: Final = """\
import bisect, collections, functools, heapq, itertools, math, operator, re, string, sys
from typing import *
"""
_LIMITS: Final = Limits(wall_s=4.0, cpu_s=4.0)
# The sites' own checkers ignore white space and accept answers close to the printed float.
_CHECKER: Final = Checker(kind="tokens", float_tolerance=1e-6)


def load_directory(path: Path) -> Iterator[Problem]:
    """Gives the problems of a directory in order of name; those without tests are left out.

    Raises:
        ProblemFormatError: A file of a problem is not what it should be.
        UserError: No problem folder lies under ``path``.
    """
    if not path.is_dir():
        raise UserError(f"problems: {path} is a file; apps needs a directory of problem folders")
    folders = sorted(question.parent for question in path.glob("*/*/question.txt"))
    folders += sorted(question.parent for question in path.glob("*/question.txt"))
    if not folders:
        raise UserError(f"problems: {path}: no SPLIT/NNNN/question.txt and no NNNN/question.txt")
    for folder in folders:
        problem = _folder_problem(folder)
        if problem is not None:
            yield problem


def load_hub(split: str | None) -> Iterator[Problem]:
    """Gives the problems of the hub's copy, of one split if it is ``train`` or ``test``."""
    for hub_split in [split] if split in _HUB_SPLITS else _HUB_SPLITS:
        files = f"hf://datasets/{HUB_REPOSITORY}/{hub_split}.jsonl"
        records = hub_records(
            HUB_REPOSITORY, builder="json", data_files=files, split="train", alternative="apps:DIR"
        )
        for record in records:
            problem = _problem(record, f"{hub_split}/{record.integer('id'):04d}", str(hub_split))
            if problem is not None:
                yield problem


def _folder_problem(folder: Path) -> Problem | None:
    """Reads a folder into the fields that a row of the hub has."""
    fields: dict[str, Any] = {
        field: _read(folder / name)
        for field, name in (
            ("question", "question.txt"),
            ("starter_code", "starter_code.py"),
            ("input_output", "input_output.json"),
            ("solutions", "solutions.json"),
        )
    }
    metadata = _json(folder / "metadata.json", _read(folder / "metadata.json"), dict)
    fields["difficulty"] = metadata.get("difficulty")
    split = folder.parent.resolve().name
    return _problem(Record(str(folder), fields), f"{split}/{folder.name}", split)


def _problem(record: Record, name: str, split: str) -> Problem | None:
    cases = _json(f"{record.place}: input_output", record.text("input_output", ""), dict)
    tests = _tests(Record(f"{record.place}: input_output", cases), record.text("starter_code", ""))
    if not tests:
        logger.warning("problem without tests left out", extra={"problem_id": f"apps/{name}"})
        return None
    entry_point = cases.get("fn_name")
    return Problem(
        id=f"apps/{name}",
        statement=record.text("question").strip(),
        tests=tests,
        split=split,
        reference=_first_that_compiles(record),
        prelude=PRELUDE,
        starter_code=record.text("starter_code", ""),
        entry_point=entry_point,
        difficulty=record.text("difficulty", "") or None,
        limits=_LIMITS,
        checker=None if entry_point else _CHECKER,
    )


def _tests(cases: Record, starter_code: str) -> tuple[Test, ...]:
    inputs, outputs = (_array(cases, field)[:MAX_TESTS] for field in ("inputs", "outputs"))
    if len(inputs) != len(outputs):
        raise cases.fault("outputs", f"{len(outputs)} items, but inputs has {len(inputs)}")
    if not cases.text("fn_name", ""):
        return tuple(
            StdioTest(
                kind="stdio",
                stdin=_stdio_text(cases, f"inputs[{index}]", stdin),
                expected_stdout=_stdio_text(cases, f"outputs[{index}]", stdout),
            )
            for index, (stdin, stdout) in enumerate(zip(inputs, outputs, strict=True))
        )
    function = cases.text("fn_name")
    is_method = re.search(r"^class\s+Solution\b", starter_code, re.MULTILINE) is not None
    if _are_wrapped(outputs, function, starter_code if is_method else None):
        outputs = [output[0] for output in outputs]
    for index, args in enumerate(inputs):
        if not isinstance(args, list):
            raise cases.fault(f"inputs[{index}]", f"must be an array, is {json_type(args)}")
    return tuple(
        call_test(
            function,
            [_integer_keys(value) for value in args],
            _integer_keys(expected),
            callee=f"Solution().{function}" if is_method else function,
        )
        for args, expected in zip(inputs, outputs, strict=True)
    )


def _array(cases: Record, field: str) -> list[Any]:
    value = cases.fields.get(field)
    if value is None:
        return []
    if not isinstance(value, list):
        raise cases.fault(field, f"must be an array, is {json_type(value)}")
    return value


def _stdio_text(cases: Record, field: str, value: object) -> str:
    """Gives stdin or stdout, spelt as one string or as a list of lines."""
    if isinstance(value, list) and all(isinstance(line, str | int | float) for line in value):
        return "\n".join(map(str, value)) + "\n"
    if not isinstance(value, str):
        raise cases.fault(field, f"must be a string or an array of lines, is {json_type(value)}")
    return value


def _are_wrapped(outputs: list[Any], function: str, solution_code: str | None) -> bool:
    """True if every answer stands in an array of one, as those from Codewars do.

    Those from LeetCode stand bare: there an array of one is the answer where a list is returned.
    """
    if not all(isinstance(output, list) and len(output) == 1 for output in outputs):
        return False
    if solution_code is None:
        return True
    annotation = re.search(rf"def\s+{re.escape(function)}\b.*->\s*(\w+)", solution_code)
    return annotation is not None and annotation[1] not in {"List", "list", "Sequence", "Iterable"}


def _integer_keys(value: object) -> object:
    """Gives a dict its integer keys back, which JSON made strings of; other values unchanged."""
    if isinstance(value, dict) and value and all(re.fullmatch(r"-?\d+", key) for key in value):
        return {int(key): item for key, item in value.items()}
    return value


def _first_that_compiles(record: Record) -> str | None:
    """Gives the first solution that this Python can parse; some are Python 2."""
    solutions = _json(f"{record.place}: solutions", record.text("solutions", ""), list)
    for index, solution in enumerate(solutions):
        if not isinstance(solution, str):
            raise record.fault(f"solutions[{index}]", f"must be a string, is {json_type(solution)}")
        source = solution.replace("\r\n", "\n")
        try:
            with warnings.catch_warnings(action="ignore"):
                ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return source
    return None


def _json(place: object, text: str, kind: type[Any]) -> Any:
    value = (
        parse_json(text.encode("utf-8", "surrogatepass"), str(place)) if text.strip() else kind()
    )
    if not isinstance(value, kind):
        name = "an object" if kind is dict else "an array"
        raise Record(str(place), {}).fault("value", f"must be {name}, is {json_type(value)}")
    return value


def _read(path: Path) -> str:
    """Gives the text of a file, "" where there is none."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise Record(str(path), {}).fault("text", f"byte {error.start} is not UTF-8") from error
    except OSError as error:
        raise UserError(f"problems: cannot read {path}: {error}") from error
