from pathlib import Path

import pytest

from rltf_trainer.errors import UserError
from rltf_trainer.problems import load_problems

LINE = {"id": "a", "statement": "s", "tests": [{"kind": "assert", "code": "assert f()"}]}


@pytest.mark.parametrize(
    "spec", ["", "mbp", "jsonl", "jsonl:", "starter:x", "starter:", "MBPP:x", "mbpp:", ":x"]
)
def test_unknown_spec_is_refused_with_the_known_ones(spec: str):
    with pytest.raises(UserError, match=r"is not one of mbpp\[:PATH\]"):
        load_problems(spec)


def test_missing_file_is_named(tmp_path: Path):
    with pytest.raises(UserError, match=r"nothing\.jsonl: no such file or directory"):
        load_problems(f"jsonl:{tmp_path / 'nothing.jsonl'}")


def test_directory_in_place_of_the_file_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match="is a directory, not a JSON Lines file"):
        load_problems(f"jsonl:{tmp_path}")


def test_unknown_split_is_refused_with_those_there_are(write_lines):
    path = write_lines([LINE, LINE | {"id": "b", "split": "dev"}])

    with pytest.raises(UserError, match=r"split: 'test' is not in .*, which has dev, train"):
        load_problems(f"jsonl:{path}", split="test")


def test_empty_file_is_refused(write_lines):
    with pytest.raises(UserError, match="holds no problem"):
        load_problems(f"jsonl:{write_lines([])}")


@pytest.mark.parametrize("limit", [0, -1])
def test_limit_below_one_is_refused(limit: int):
    with pytest.raises(UserError, match=f"limit: {limit} is not at least 1"):
        load_problems("starter", limit=limit)


def test_home_directory_is_expanded(write_lines, monkeypatch):
    path = write_lines([LINE])
    monkeypatch.setenv("HOME", str(path.parent))

    assert len(load_problems(f"jsonl:~/{path.name}")) == 1
