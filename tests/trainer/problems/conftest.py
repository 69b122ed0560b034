"""Small data files of our own, in the formats of the data sets."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

WriteLines = Callable[[Iterable[Any]], Path]


@pytest.fixture
def write_lines(tmp_path: Path) -> WriteLines:
    """Gives a function that writes rows as JSON Lines; a string is written as it stands."""

    def write(rows: Iterable[Any]) -> Path:
        path = tmp_path / "problems.jsonl"
        lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write
