"""JSON objects of a data file, each with its place: a fault can name file, line and field."""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from rltf_trainer.errors import ProblemFormatError, UserError

MAX_LINE_BYTES: Final = 64 * 1024 * 1024  # a problem above this could not be sent to an executor
_SAFE_DIGITS: Final = 4000  # Python refuses to convert much longer decimal strings with int()


@dataclass(frozen=True, slots=True)
class Record:
    """One object of a data set. ``place`` is ``FILE:LINE``, a file, or a row of the hub."""

    place: str
    fields: Mapping[str, Any]

    def fault(self, field: str, message: str) -> ProblemFormatError:
        """Gives the error that says what is wrong with ``field``, to be raised."""
        return ProblemFormatError(f"{self.place}: {field}: {message}")

    def text(self, field: str, default: str | None = None) -> str:
        """Gives a string field; ``default`` where it is missing or null."""
        value = self.fields.get(field)
        if value is None and default is not None:
            return default
        if value is None:
            raise self.fault(field, "is missing, must be a string")
        if not isinstance(value, str):
            raise self.fault(field, f"must be a string, is {json_type(value)}")
        return value

    def texts(self, field: str, *, minimum: int = 0, maximum: int = 1000) -> tuple[str, ...]:
        """Gives a list of strings; a missing one is empty, which ``minimum`` may refuse."""
        value = self.fields.get(field)
        items = [] if value is None else value
        if not isinstance(items, list):
            raise self.fault(field, f"must be an array of strings, is {json_type(items)}")
        for index, item in enumerate(items):
            if not isinstance(item, str):
                raise self.fault(f"{field}[{index}]", f"must be a string, is {json_type(item)}")
        if not minimum <= len(items) <= maximum:
            raise self.fault(field, f"{len(items)} items are not in {minimum}..{maximum}")
        return tuple(items)

    def integer(self, field: str) -> int:
        """Gives an integer field, at least 0."""
        value = self.fields.get(field)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.fault(field, f"must be an integer, is {json_type(value)}")
        if value < 0:
            raise self.fault(field, f"{value} is not at least 0")
        return value


def json_type(value: object) -> str:
    """Gives JSON's name of the type of ``value``."""
    if value is None:
        return "null or missing"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string"}
    return names.get(type(value), "an array" if isinstance(value, list) else "an object")


def read_records(path: Path) -> Iterator[Record]:
    """Gives the objects of a JSON Lines file, plain or gzip; blank lines are passed over.

    Raises:
        ProblemFormatError: A line is not UTF-8, no JSON object, or longer than ``MAX_LINE_BYTES``.
        UserError: The file cannot be read.
    """
    if path.is_dir():
        raise UserError(f"problems: {path} is a directory, not a JSON Lines file")
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            number = 0
            while raw := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                place = f"{path}:{number}"
                if len(raw) > MAX_LINE_BYTES:
                    raise ProblemFormatError(f"{place}: the line is above {MAX_LINE_BYTES} bytes")
                if raw.strip():
                    yield Record(place, _object(raw.rstrip(b"\r\n"), place))
    except (OSError, EOFError) as error:
        raise UserError(f"problems: cannot read {path}: {error}") from error


def parse_json(raw: bytes, place: str) -> Any:
    """Gives the value that ``raw`` spells: UTF-8, integers of any length.

    Raises:
        ProblemFormatError: It is no JSON; the message begins with ``place``.
    """
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_int=_parse_integer)
    except UnicodeDecodeError as error:
        raise ProblemFormatError(f"{place}: byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if error.lineno > 1 else ""
        raise ProblemFormatError(
            f"{place}: not JSON at {line}column {error.colno}: {error.msg}"
        ) from error
    except RecursionError as error:
        raise ProblemFormatError(f"{place}: nested too deep") from error


def _object(raw: bytes, place: str) -> Mapping[str, Any]:
    value = parse_json(raw, place)
    if not isinstance(value, dict):
        raise ProblemFormatError(f"{place}: must be an object, is {json_type(value)}")
    return value


def _parse_integer(digits: str) -> int:
    return int(digits) if len(digits) <= _SAFE_DIGITS else int(Decimal(digits))
