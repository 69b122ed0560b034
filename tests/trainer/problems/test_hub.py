import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from rltf_trainer.errors import UserError
from rltf_trainer.problems import load_problems


class Hub:
    """Stands in for the package ``datasets``."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.asked: list[tuple[str, str, str | None]] = []
        self.num_read = 0
        self.fault: Exception | None = None

    def load_dataset(
        self,
        repository: str,
        *,
        split: str,
        streaming: bool,
        name: str | None = None,
        data_files: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        assert streaming
        self.asked.append((repository, split, name or data_files))
        if self.fault is not None:
            raise self.fault
        return self._read()

    def _read(self) -> Iterator[dict[str, Any]]:
        for row in self.rows:
            self.num_read += 1
            yield row


@pytest.fixture
def hub(monkeypatch) -> Hub:
    hub = Hub([])
    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=hub.load_dataset))
    return hub


def mbpp_row(task_id: int) -> dict[str, object]:
    return {"task_id": task_id, "text": "t", "code": "def f(): pass", "test_list": ["assert f()"]}


def test_mbpp_asks_for_the_split_alone_and_reads_no_more_than_needed(hub: Hub):
    hub.rows = [mbpp_row(601), mbpp_row(602), mbpp_row(603)]

    problems = load_problems("mbpp", split="train", limit=2)

    assert [problem.id for problem in problems] == ["mbpp/601", "mbpp/602"]
    assert hub.asked == [("google-research-datasets/mbpp", "train", "full")]
    assert hub.num_read == 2


def test_humaneval_has_one_split(hub: Hub):
    hub.rows = [
        {
            "task_id": "HumanEval/0",
            "prompt": "def f():\n",
            "entry_point": "f",
            "canonical_solution": "    return 1\n",
            "test": "def check(candidate):\n    assert candidate() == 1\n",
        }
    ]

    (problem,) = load_problems("humaneval")

    assert problem.id == "humaneval/0"
    assert hub.asked == [("openai/openai_humaneval", "test", None)]


def test_apps_rows_read_like_its_folders(hub: Hub):
    hub.rows = [
        {
            "id": 12,
            "question": "Echo.",
            "solutions": '["print(input())"]',
            "input_output": '{"inputs": ["1"], "outputs": ["1"]}',
            "difficulty": "interview",
            "starter_code": "",
        },
        {"id": 13, "question": "No tests.", "solutions": "", "input_output": ""},
    ]

    (problem,) = load_problems("apps", split="test")

    assert problem.id == "apps/test/0012"
    assert problem.reference == "print(input())"
    assert hub.asked == [("json", "train", "hf://datasets/codeparrot/apps/test.jsonl")]


def test_broken_row_is_named(hub: Hub):
    hub.rows = [mbpp_row(601), mbpp_row(602) | {"code": 3}]

    with pytest.raises(UserError, match=r"mbpp \[train\] row 2: code: must be a string"):
        load_problems("mbpp", split="train")


def test_hub_that_does_not_answer_is_said_with_the_way_around(hub: Hub):
    hub.fault = ConnectionError("no route")

    with pytest.raises(UserError, match=r"no route.*give mbpp:PATH to read a local copy"):
        load_problems("mbpp")


def test_missing_package_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)

    with pytest.raises(UserError, match="needs the package `datasets`"):
        load_problems("humaneval")


def test_unknown_split_of_the_hub_is_refused(hub: Hub):
    hub.rows = [mbpp_row(601)]

    with pytest.raises(UserError, match="split: 'dev' is not in mbpp"):
        load_problems("mbpp", split="dev")
