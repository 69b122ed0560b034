"""Bytes of a request body to submissions, or to a problem that names the field.

The usual body takes one pass of pydantic's own parser. Only a body which that refuses is read
again, by ``json``: it accepts the lone surrogates and long integers that are legal here, and lets
the good submissions of a batch be told from the bad ones.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from rltf_executor.faults import Fault, describe_faults
from rltf_executor.problems import MALFORMED_BODY, ProblemError, invalid
from rltf_executor.schema import MAX_BATCH, BatchRequest, RefusedItem, Submission

MAX_DEPTH: Final = 200
MAX_DIGITS: Final = 20_000
_MAX_LONG_DIGITS: Final = 200_000
"""Of all integers beyond the interpreter's bound in a body: reading one takes quadratic time."""
_INTERPRETER_DIGITS: Final = 4300
_MAX_ID_CHARS: Final = 1000
_EMPTY: Final = Submission(source="")
_FREE_FIELDS: Final = ("args", "kwargs", "expected")

_SUBMISSION: Final = TypeAdapter(Submission)
_BATCH: Final = TypeAdapter(BatchRequest)

Entry = Submission | RefusedItem


def parse_submission(body: bytes, *, max_memory_mb: int) -> Submission:
    """Reads the body of ``/execute``.

    Raises:
        ProblemError: 422; ``errors`` says which fields are at fault.
    """
    try:
        return _SUBMISSION.validate_json(body, strict=True, context=_context(max_memory_mb))
    except ValidationError:
        return _validated(_load(body), max_memory_mb)


def parse_batch(body: bytes, *, max_memory_mb: int) -> list[Entry]:
    """Reads the body of ``/execute/batch``; a submission out of bounds becomes its own refusal.

    Raises:
        ProblemError: 422; the body as a whole is malformed.
    """
    try:
        request = _BATCH.validate_json(body, strict=True, context=_context(max_memory_mb))
    except ValidationError:
        return [_entry(item, max_memory_mb) for item in _items(_load(body))]
    return list(request.submissions)


def _context(max_memory_mb: int) -> dict[str, int]:
    return {"max_memory_mb": max_memory_mb}


def _items(data: object) -> list[object]:
    """Gives the submissions of a batch, unread."""
    items = data.get("submissions") if isinstance(data, dict) else None
    shell = data
    if isinstance(data, dict) and isinstance(items, list):
        shell = {**data, "submissions": [_EMPTY] * min(len(items), MAX_BATCH + 1)}
    try:
        _BATCH.validate_python(shell, strict=True)
    except ValidationError as error:
        raise invalid(describe_faults(error, BatchRequest)) from None
    return items if isinstance(items, list) else []


def _entry(item: object, max_memory_mb: int) -> Entry:
    try:
        return _validated(item, max_memory_mb)
    except ProblemError as problem:
        return RefusedItem(id=_echo(item), problem=problem.details)


def _echo(item: object) -> str | None:
    given = item.get("id") if isinstance(item, Mapping) else None
    if not isinstance(given, str) or len(given) > _MAX_ID_CHARS:
        return None
    return given.encode("utf-8", "backslashreplace").decode("utf-8")


def _validated(data: object, max_memory_mb: int) -> Submission:
    try:
        submission = _SUBMISSION.validate_python(
            _whole_limits(data), strict=True, context=_context(max_memory_mb)
        )
    except ValidationError as error:
        faults = describe_faults(error, Submission, maxima={"memory_mb": max_memory_mb})
        raise invalid(faults) from None
    except RecursionError:
        raise _malformed(f"nested deeper than {MAX_DEPTH}") from None
    faults = [
        Fault(path, f"{path}: {problem}")
        for index, test in enumerate(submission.tests)
        for field in _FREE_FIELDS
        if (problem := _unfit(getattr(test, field, None))) is not None
        for path in [f"tests[{index}].{field}"]
    ]
    if faults:
        raise invalid(faults[:20])
    return submission


def _whole_limits(data: object) -> object:
    """To JSON 64.0 is an integer like 64; to a strict pydantic it is none."""
    limits = data.get("limits") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(limits, dict):
        return data
    whole = {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in limits.items()
    }
    return {**data, "limits": whole}


class _LongInteger:
    """Stands for an integer that is not read."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def _unfit(value: object) -> str | None:
    """Says why a JSON value of a call test cannot be used, if so."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        for found in level:
            if isinstance(found, _LongInteger):
                return found.reason
        level = [
            child
            for found in level
            if isinstance(found, list | dict)
            for child in (found if isinstance(found, list) else found.values())
        ]
        if not level:
            return None
    return f"nested deeper than {MAX_DEPTH}"


def _load(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(f"invalid UTF-8 at byte {error.start}") from None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _malformed(f"{error.msg} at line {error.lineno} column {error.colno}") from None
    except ValueError:  # an integer beyond the interpreter's bound
        return json.loads(text, parse_int=_LongIntegers())
    except RecursionError:
        raise _malformed(f"nested deeper than {MAX_DEPTH}") from None


class _LongIntegers:
    """Reads integers, long ones too, as long as that stays cheap."""

    def __init__(self) -> None:
        self._left = _MAX_LONG_DIGITS

    def __call__(self, digits: str) -> int | _LongInteger:
        num_digits = len(digits.lstrip("-"))
        if num_digits <= _INTERPRETER_DIGITS:
            return int(digits)
        if num_digits > MAX_DIGITS:
            return _LongInteger(f"an integer of {num_digits} digits is more than {MAX_DIGITS}")
        self._left -= num_digits
        if self._left < 0:
            return _LongInteger(f"the long integers have more than {_MAX_LONG_DIGITS} digits")
        return int(Decimal(digits))


def _malformed(reason: str) -> ProblemError:
    return invalid([Fault("body", f"body: {reason}")], kind=MALFORMED_BODY)
