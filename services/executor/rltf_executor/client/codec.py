"""Submissions to JSON bytes and results back.

Requests are written by ``json`` rather than by pydantic: escaped to ASCII they carry lone
surrogates, and ints of any size keep every digit. What JSON cannot spell is refused with the path
of the field. Answers are read by pydantic's own parser; fields that a newer executor adds are
ignored.
"""

import json
import math
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from rltf_executor.client.errors import SubmissionEncodingError
from rltf_executor.schema import (
    BatchItem,
    CallTest,
    ExecutionResult,
    ProblemDetails,
    Runtime,
    Submission,
)

BATCH_OPEN: Final = b'{"submissions":['
BATCH_CLOSE: Final = b"]}"

RESULT: Final[TypeAdapter[ExecutionResult]] = TypeAdapter(ExecutionResult)
ITEM: Final[TypeAdapter[BatchItem]] = TypeAdapter(BatchItem)
PROBLEM: Final[TypeAdapter[ProblemDetails]] = TypeAdapter(ProblemDetails)
RUNTIMES: Final[TypeAdapter[list[Runtime]]] = TypeAdapter(list[Runtime])

_SAFE_DIGITS: Final = 4000  # below the interpreter's bound on int -> str
_Model = TypeVar("_Model")


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedSubmission:
    """A submission ready to be sent, as often as it takes."""

    index: int  # its place in the caller's sequence
    id: str | None
    body: bytes
    total_s: float


def encode(submission: Submission, index: int = 0) -> EncodedSubmission:
    """Spells a submission as JSON; only fields that were set, so that the service's defaults hold.

    Raises:
        SubmissionEncodingError: A value has no spelling in JSON.
    """
    try:
        tree = submission.model_dump(exclude_unset=True)
    except (ValueError, RecursionError) as error:
        raise SubmissionEncodingError(f"submissions[{index}]: {error}") from error
    values = _CallValues()
    for position, test in enumerate(submission.tests):
        if isinstance(test, CallTest):
            values.convert(tree["tests"][position], f"submissions[{index}].tests[{position}]")
    text = values.put_digits_in(json.dumps(tree, ensure_ascii=True, separators=(",", ":")))
    return EncodedSubmission(
        index=index, id=submission.id, body=text.encode("ascii"), total_s=submission.limits.total_s
    )


def batch_body(items: Sequence[EncodedSubmission]) -> bytes:
    """Joins encoded submissions to the body of ``/execute/batch``."""
    return BATCH_OPEN + b",".join(item.body for item in items) + BATCH_CLOSE


def split(
    items: Sequence[EncodedSubmission], *, max_items: int, max_bytes: int
) -> Iterator[list[EncodedSubmission]]:
    """Cuts items into runs within both bounds; one that is too large gets a run to itself."""
    room = max_bytes - len(BATCH_OPEN) - len(BATCH_CLOSE)
    run: list[EncodedSubmission] = []
    num_bytes = 0
    for item in items:
        size = len(item.body) + 1  # and its comma
        if run and (len(run) == max_items or num_bytes + size > room):
            yield run
            run, num_bytes = [], 0
        run.append(item)
        num_bytes += size
    if run:
        yield run


def decode(adapter: TypeAdapter[_Model], body: bytes) -> _Model:
    """Reads an answer.

    Raises:
        ValidationError: It is no JSON, or not what was promised.
    """
    try:
        return adapter.validate_json(body, extra="ignore")
    except ValidationError as error:
        if error.errors(include_input=False, include_url=False)[0]["type"] != "json_invalid":
            raise
        try:  # pydantic's parser stops at ints of 4,300 digits, which a program may well return
            tree = json.loads(body, parse_int=_parse_int)
        except (ValueError, RecursionError):
            raise error from None
        return adapter.validate_python(tree, extra="ignore")


class _NoJsonError(Exception):
    """A value that JSON cannot spell; the path to it grows on the way out of its containers."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.path: list[str] = []


class _CallValues:
    """Makes the values of call tests plain JSON, or says which one cannot be.

    Ints beyond the interpreter's bound on int -> str are spelled as marked strings first and put
    in afterwards.
    """

    def __init__(self) -> None:
        self._mark = secrets.token_hex(16)
        self._digits: list[str] = []

    def convert(self, test: dict[str, Any], path: str) -> None:
        """Converts the values of one dumped call test in place."""
        for field in ("args", "kwargs", "expected"):
            try:
                if field in test:
                    test[field] = self._plain(test[field], is_answer=field == "expected")
            except _NoJsonError as fault:
                raise SubmissionEncodingError(
                    f"{path}.{field}{''.join(reversed(fault.path))}: {fault.reason}"
                ) from None
            except RecursionError:
                raise SubmissionEncodingError(f"{path}.{field}: nested too deep for JSON") from None

    def put_digits_in(self, text: str) -> str:
        """Replaces the marks in dumped JSON by the ints they stand for."""
        for position, digits in enumerate(self._digits):
            text = text.replace(f'"{self._mark}-{position}"', digits)
        return text

    def _plain(self, value: Any, *, is_answer: bool) -> Any:
        if value is None or value is True or value is False or isinstance(value, str):
            return value
        if isinstance(value, int):
            return value if value.bit_length() < 3 * _SAFE_DIGITS else self._marked(value)
        if isinstance(value, float):
            if math.isfinite(value):
                return value
            raise _NoJsonError(
                f"{value} is no JSON number; compare it in an assert test (math.isnan, math.inf)"
            )
        if isinstance(value, list | tuple):
            return [
                self._child(each, f"[{position}]", is_answer=is_answer)
                for position, each in enumerate(value)
            ]
        if isinstance(value, dict):
            return {
                _key(key, is_answer=is_answer): self._child(each, key, is_answer=is_answer)
                for key, each in value.items()
            }
        raise _NoJsonError(f"a {type(value).__name__} has no spelling in JSON; use an assert test")

    def _child(self, value: Any, step: object, *, is_answer: bool) -> Any:
        try:
            return self._plain(value, is_answer=is_answer)
        except _NoJsonError as fault:
            fault.path.append(step if isinstance(step, str) and step[:1] == "[" else f"[{step!r}]")
            raise

    def _marked(self, value: int) -> str:
        self._digits.append(str(Decimal(value)))  # Decimal prints without the bound
        return f"{self._mark}-{len(self._digits) - 1}"


def _key(key: object, *, is_answer: bool) -> str:
    """Expected keys match ``str(key)`` by contract; an argument's would change type unseen."""
    if isinstance(key, str):
        return key
    if is_answer:
        return str(key)
    raise _NoJsonError(
        f"the key {key!r} is no string, and JSON has no other keys; use an assert test"
    )


def _parse_int(digits: str) -> int:
    return int(digits) if len(digits) <= _SAFE_DIGITS else int(Decimal(digits))
